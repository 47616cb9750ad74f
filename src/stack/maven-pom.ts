// Pom texts made from coordinates: `group:artifact:version`, with `{a,b}` standing for each of its parts.

/** `g:x-{a,b}:1` becomes `g:x-a:1` and `g:x-b:1`; braces may nest no deeper than one level. */
export function expandBraces(pattern: string): string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/.exec(pattern);
  if (match === null) return [pattern];
  const [, head = '', choices = '', rest = ''] = match;
  return choices.split(',').flatMap((choice) => expandBraces(`${head}${choice}${rest}`));
}

export interface PomOptions {
  /** false: exactly the named jars, nothing that they ask for in turn */
  readonly transitive: boolean;
}

/** Throws on a coordinate that has not three parts. */
export function makePom(coordinates: readonly string[], options: PomOptions): string {
  const exclusions = options.transitive
    ? ''
    : '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>';
  const dependencies = coordinates.flatMap(expandBraces).map((coordinate) => {
    const [group, artifact, version, extra] = coordinate.split(':');
    if (!group || !artifact || !version || extra !== undefined)
      throw new Error(`not a Maven coordinate: ${coordinate}`);
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${exclusions}</dependency>`;
  });
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    '<groupId>syncline</groupId><artifactId>stack</artifactId><version>1</version><packaging>pom</packaging>',
    `<dependencies>\n${dependencies.join('\n')}\n</dependencies>`,
    '</project>\n',
  ].join('\n');
}

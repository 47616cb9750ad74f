// The log4j 2 configuration of a Java service: everything to the console, which is the service's log file.
import { writeFileSync } from 'node:fs';

export interface Log4jConfig {
  readonly rootLevel: 'INFO' | 'WARN';
  /** logger name → level */
  readonly loggers?: Readonly<Record<string, string>>;
}

export function writeLog4jConfig(path: string, config: Log4jConfig): void {
  const lines = [
    `rootLogger.level = ${config.rootLevel}`,
    'rootLogger.appenderRef.c.ref = C',
    'appender.c.type = Console',
    'appender.c.name = C',
    'appender.c.layout.type = PatternLayout',
    'appender.c.layout.pattern = [%d] %p %m (%c)%n',
  ];
  Object.entries(config.loggers ?? {}).forEach(([name, level], index) => {
    lines.push(`logger.l${index}.name = ${name}`, `logger.l${index}.level = ${level}`);
  });
  writeFileSync(path, `${lines.join('\n')}\n`);
}

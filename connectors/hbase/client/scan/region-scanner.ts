// One scanner on one region server, on the wire:
//   open (answers with the first rows) ─► next 0, 1, 2 … ─► done: the server closed it itself
//                                          ├─ renew while the consumer stalls; it uses up a sequence number
//                                          └─ close when the consumer leaves early
// Never two calls at once: the server would take the second for a client gone wrong.
import type { Clock } from '../../../../src/core/clock.ts';
import type { RpcResponse } from '../wire/connection.ts';
import type { Caller } from '../wire/connections.ts';
import { encodeCloseScanner, encodeNext, encodeOpenScanner, encodeRenew } from '../messages/scan-request.ts';
import type { Scan } from '../messages/scan-request.ts';
import { decodeScanResponse, ResultLayout } from '../messages/scan-response.ts';
import type { ScanResponse } from '../messages/scan-response.ts';
import { regionLabel } from '../regions/region-location.ts';
import type { UsableLocation } from '../regions/region-location.ts';

const closePriority = 200;

export interface RegionScannerOptions {
  readonly connections: Caller;
  readonly clock: Clock;
  readonly location: UsableLocation;
  readonly scan: Scan;
  readonly rowsPerResponse: number;
  readonly trackMetrics: boolean;
  readonly callTimeoutMs: number;
}

/** One response; `layout` is good until the response after it arrives. */
export interface RegionRows {
  readonly response: RpcResponse;
  readonly answer: ScanResponse;
  readonly layout: ResultLayout;
  /** The server has no more rows in this region. */
  readonly regionDone: boolean;
}

export class RegionScanner {
  readonly location: UsableLocation;
  readonly #options: RegionScannerOptions;
  readonly #layout = new ResultLayout();
  #scannerId: bigint | undefined;
  #sequence = 0n;
  #leaseMs = 0;
  /** The server has closed it. */
  #finished = false;
  #closing = false;
  #inFlight: Promise<void> | undefined;
  #parked: AbortController | undefined;

  constructor(options: RegionScannerOptions) {
    this.#options = options;
    this.location = options.location;
  }

  /** The next response: from the open first, then from next. `limitRows` = rows still wanted. Never call it twice at once. */
  async fetch(limitRows?: number): Promise<RegionRows> {
    this.#parked?.abort();
    if (this.#inFlight !== undefined) await this.#inFlight;
    const call = this.#call(this.#encode(limitRows)).then((response) => this.#read(response));
    this.#track(call);
    return call;
  }

  /** Frees the scanner on the server once its last call is answered; a failure changes nothing, the lease ends it. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#parked?.abort();
    await this.#inFlight;
    if (this.#finished || this.#scannerId === undefined) return;
    await this.#call(encodeCloseScanner(this.#scannerId), closePriority).then(
      (response) => response.release(),
      noop,
    );
  }

  #encode(limitRows: number | undefined): Buffer {
    const { location, scan, rowsPerResponse, trackMetrics } = this.#options;
    const limits = { rowsPerResponse, limitRows, trackMetrics };
    if (this.#scannerId === undefined)
      return encodeOpenScanner({ regionName: location.name, scan, ...limits });
    return encodeNext({ scannerId: this.#scannerId, sequence: this.#sequence++, ...limits });
  }

  #call(param: Buffer, priority?: number): Promise<RpcResponse> {
    const { connections, location, callTimeoutMs } = this.#options;
    const region = regionLabel(location.name);
    const call = { method: 'Scan', param, timeoutMs: callTimeoutMs, region, priority };
    return connections.call(location.server, 'ClientService', call);
  }

  #read(response: RpcResponse): RegionRows {
    const range = { start: response.messageStart, end: response.messageEnd };
    const answer = decodeScanResponse(response.buffer, range, this.#layout);
    this.#scannerId ??= answer.scannerId;
    this.#leaseMs = answer.leaseMs ?? this.#leaseMs;
    this.#finished = answer.moreResults === false || answer.moreResultsInRegion === false;
    this.#park();
    return { response, answer, layout: this.#layout, regionDone: this.#finished };
  }

  /** From now on nobody calls: keep the lease until somebody does. */
  #park(): void {
    if (this.#finished || this.#closing || this.#leaseMs === 0) return;
    const parked = new AbortController();
    this.#parked = parked;
    void this.#renewWhileParked(parked.signal).catch(noop);
  }

  async #renewWhileParked(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#options.clock.sleep(this.#leaseMs / 2, signal);
      const renewal = this.#call(encodeRenew(this.#scannerId ?? 0n, this.#sequence++));
      this.#track(renewal);
      await renewal.then((response) => response.release(), noop);
    }
  }

  #track(call: Promise<unknown>): void {
    const settled = call.then(noop, noop).then(() => {
      if (this.#inFlight === settled) this.#inFlight = undefined;
    });
    this.#inFlight = settled;
  }
}

function noop(): void {
  // A lost renewal or close shows in the next call.
}

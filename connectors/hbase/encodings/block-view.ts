// Words of a block at any offset: a DataView reads four bytes in one step where indexing needs four.

let viewed: Uint8Array = new Uint8Array(0);
let view = new DataView(viewed.buffer);

/**
 * The view of `bytes`, kept until another array is asked for: a block of thousands of cells is asked for once per value, and an
 * object for each would cost more than the words gain.
 */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== viewed) {
    viewed = bytes;
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return view;
}

// Why work is let go of that nobody waits for any more. Given to abort: without a reason each call makes a DOMException with a stack.

export const OVER = new Error('nobody waits for it any more');

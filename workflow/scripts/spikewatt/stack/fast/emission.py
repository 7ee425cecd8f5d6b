"""From membrane potentials to spikes as events, compiled."""

import numpy as np

from spikewatt.compute.numba_cache import compiled


@compiled
def grown(buffer, needed):
    """`buffer`, or a longer copy of it that holds `needed` entries."""
    if needed <= buffer.size:
        return buffer
    longer = np.empty(2 * needed, buffer.dtype)
    longer[: buffer.size] = buffer
    return longer


@compiled
def emit(potential, threshold, fired, address, count):
    """Append the numbers of the neurons above threshold; how many there are now.

    potential: N; fired: scratch bytes, a multiple of 8 long and 0 beyond the neurons;
    address: int32, with room for N more after the first `count`. Eight silent neurons
    are passed over at once.
    """
    for n in range(potential.size):
        fired[n] = potential[n] > threshold
    words = fired.view(np.uint64)
    for w in range(words.size):
        if words[w] != 0:
            for n in range(8 * w, 8 * w + 8):
                if fired[n]:
                    address[count] = n
                    count += 1
    return count


@compiled
def spikes_of(potential, threshold, low, high):
    """The spikes of a whole batch's potentials T×B×N as events: (indptr, address)."""
    size = potential.shape[2]
    fired = np.zeros((size + 7) // 8 * 8, np.uint8)
    address = np.empty(1024, np.int32)
    ends = np.zeros((high - low) * potential.shape[0] + 1, np.int64)
    count, row = 0, 0
    for b in range(low, high):
        for t in range(potential.shape[0]):
            address = grown(address, count + size)
            count = emit(potential[t, b], threshold, fired, address, count)
            row += 1
            ends[row] = count
    return ends, address[:count].copy()

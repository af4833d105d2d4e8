"""How many parts a picture is made of, before anything reads it: some cost as much as all of the rest."""

_JPEG, _PNG = b"\xff\xd8", b"\x89PNG"
_SCAN, _END, _METADATA = b"\xff\xda", b"\xff\xd9", b"\xff\xe1"
_MOST_SCANS = 50  # programs write ten; each paints all the pixels anew, and a hundred bytes make one
_MOST_METADATA = 500  # each is put behind those before it; by chance the mark stands once in 64 kB
_MOST_SEGMENTS = 5_000  # before the first scan
_PROFILE = b"iCCP"
_MOST_PROFILES = 10  # each is unpacked, to a megabyte at the most


def is_endless(body: bytes) -> bool:
    """Whether a JPEG or a PNG has so many of such parts that it was made to take for ever."""
    if body.startswith(_PNG):
        return body.count(_PROFILE) > _MOST_PROFILES
    if not body.startswith(_JPEG):
        return False
    if body.count(_METADATA) > _MOST_METADATA:
        return True
    begins = _first_scan(body)
    end = body.find(_END, begins)
    return begins < 0 or body.count(_SCAN, begins, end if end >= 0 else len(body)) > _MOST_SCANS


def _first_scan(body: bytes) -> int:
    """Where the picture itself begins, behind previews and whatever comes with it; -1 for endless segments.

    Where the segments are out of order it is the place at which they are.
    """
    position = len(_JPEG)
    for _ in range(_MOST_SEGMENTS):
        mark = body[position : position + 2]
        if len(mark) < len(_SCAN) or mark[0] != _SCAN[0] or mark == _SCAN:
            return position
        if mark[1] == _SCAN[0]:  # a byte that only fills
            position += 1
            continue
        position += 2 + int.from_bytes(body[position + 2 : position + 4])
    return -1

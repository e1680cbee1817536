"""The size at which photographs are decoded."""

SHORT_SIDE = 256  # pixels; larger inputs of a network would be smaller images made larger


def decoded_size(height: int, width: int) -> tuple[int, int]:
    """Compute the decoded height and width; the longer side is rounded down, as in torchvision.

    >>> decoded_size(512, 1023), decoded_size(227, 227), decoded_size(1, 9000)
    ((256, 511), (227, 227), (1, 9000))
    """
    short = min(height, width)
    if short <= SHORT_SIDE:
        return height, width
    return height * SHORT_SIDE // short, width * SHORT_SIDE // short

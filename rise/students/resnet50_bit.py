"""ResNet-50 BiT: what RISE's release calls ResNet-50: GroupNorm, ImageNet-21k.

Source: OoDBag/RISE, train_rise.py 28.
"""

DECLARATION = {
    "timm": "resnetv2_50x1_bit.goog_in21k_ft_in1k",
    "image_size": 224,
}

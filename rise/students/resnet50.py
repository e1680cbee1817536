"""ResNet-50: torchvision's first ImageNet weights."""

DECLARATION = {
    "timm": "resnet50.tv_in1k",
    "image_size": 224,
}

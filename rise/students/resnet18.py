"""ResNet-18: torchvision's ImageNet weights."""

DECLARATION = {
    "timm": "resnet18.tv_in1k",
    "image_size": 224,
}

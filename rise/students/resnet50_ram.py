"""ResNet-50 RAM: what DomainBed starts from today."""

DECLARATION = {
    "timm": "resnet50.ram_in1k",
    "image_size": 224,
}

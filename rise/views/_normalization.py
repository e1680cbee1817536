"""Constants that normalise pixels in [0, 1]: mean and standard deviation of red, green and blue."""

# clip/clip.py of openai-clip, `_transform`.
CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))

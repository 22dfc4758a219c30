"""Images: resizing, cropping, colour, boxes, quality. Images are [height, width, channels] or [batch, height, width, channels]."""

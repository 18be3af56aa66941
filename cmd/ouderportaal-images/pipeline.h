// The part that talks to libvips, in C because its operations take variable arguments. Go sees these few functions only.
#ifndef OUDERPORTAAL_PIPELINE_H
#define OUDERPORTAAL_PIPELINE_H

#include <stddef.h>
#include <vips/vips.h>

typedef enum { FORMAT_JPEG, FORMAT_PNG, FORMAT_WEBP, FORMAT_HEIF } Format;

typedef struct {
	int width, height; // as stored, before turning upright
	int pages;
	int orientation; // EXIF 1-8
	int bands;
	int bytes_per_sample;
} Header;

int pipeline_start(const char *program);

// pipeline_open reads the header only; pixels are decoded when somebody asks for them, once, from top to bottom.
VipsImage *pipeline_open(const void *data, size_t size, Format format, Header *header);

// pipeline_webp_pixels decodes a WebP at once, for an image whose header libvips has read: the loader of libvips 8.14 keeps the
// picture three times over.
VipsImage *pipeline_webp_pixels(const void *data, size_t size, VipsImage *header);

// pipeline_decode gives all pixels in memory: 8-bit sRGB, three bands, no alpha, not yet upright.
VipsImage *pipeline_decode(VipsImage *image, int is_srgb);

// pipeline_relay decodes into a JPEG in memory, for formats whose decoder holds the whole picture itself.
int pipeline_relay(VipsImage *image, int is_srgb, void **data, size_t *size);

// pipeline_shrink gives a smaller copy in memory of w x h pixels.
VipsImage *pipeline_shrink(VipsImage *image, int width, int height);

// pipeline_hide replaces a part of an image in memory by so few colours that nobody can be known by it again.
int pipeline_hide(VipsImage *image, int left, int top, int width, int height);

// pipeline_crop gives a copy in memory of a part.
VipsImage *pipeline_crop(VipsImage *image, int left, int top, int width, int height);

// The writers turn upright and write without any metadata. The caller frees with pipeline_free.
int pipeline_jpeg(VipsImage *image, int orientation, int quality, void **data, size_t *size);
int pipeline_webp(VipsImage *image, int orientation, int quality, int effort, void **data, size_t *size);
int pipeline_pixels(VipsImage *image, int orientation, void **data, size_t *size);

void pipeline_close(VipsImage *image);
void pipeline_free(void *data);

// pipeline_tidy gives memory back to the system between two images.
void pipeline_tidy(void);

// pipeline_text gives a field that came with an image, or NULL.
const char *pipeline_text(VipsImage *image, const char *name);

const void *pipeline_profile(VipsImage *image, size_t *size);

#endif

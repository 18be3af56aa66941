#include "pipeline.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>

static void silent(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data) {}

int pipeline_start(const char *program) {
#ifdef __GLIBC__
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_MMAP_THRESHOLD, 512 * 1024); // large buffers go straight back to the system
#endif
	g_setenv("VIPS_DISC_THRESHOLD", "64g", TRUE); // never a file: what does not fit in memory is refused
	if (vips_init(program))
		return -1;
	g_log_set_handler("VIPS", G_LOG_LEVEL_MASK, silent, NULL);
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	vips_cache_set_max_mem(0);
	vips_cache_set_max_files(0);
	// Nothing but the four loaders of phone and web photos. Go calls them by name as well, so this is the second lock.
	vips_operation_block_set("VipsForeignLoad", TRUE);
	vips_operation_block_set("VipsForeignLoadJpeg", FALSE);
	vips_operation_block_set("VipsForeignLoadPng", FALSE);
	vips_operation_block_set("VipsForeignLoadWebp", FALSE);
	vips_operation_block_set("VipsForeignLoadHeif", FALSE);
	vips_operation_block_set("VipsForeignSave", TRUE);
	vips_operation_block_set("VipsForeignSaveJpeg", FALSE);
	vips_operation_block_set("VipsForeignSaveWebp", FALSE);
	return 0;
}

// An image with pages must not be opened with n = 1 and called still: the header of the first page tells how many there are.
static int pages_of(VipsImage *image) {
	int n = 1;
	if (vips_image_get_typeof(image, VIPS_META_N_PAGES) && vips_image_get_int(image, VIPS_META_N_PAGES, &n))
		return 1;
	return n;
}

VipsImage *pipeline_open(const void *data, size_t size, Format format, Header *header) {
	VipsImage *image = NULL;
	void *buffer = (void *)data; // libvips takes it without const and does not write
	int failed = -1;
	switch (format) {
	case FORMAT_JPEG:
		failed = vips_jpegload_buffer(buffer, size, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
		break;
	case FORMAT_PNG:
		failed = vips_pngload_buffer(buffer, size, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
		break;
	case FORMAT_WEBP:
		failed = vips_webpload_buffer(buffer, size, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
		break;
	case FORMAT_HEIF: // the primary image, which libheif turns upright itself
		failed = vips_heifload_buffer(buffer, size, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
		break;
	}
	if (failed)
		return NULL;
	header->width = image->Xsize;
	header->height = image->Ysize;
	header->bands = image->Bands;
	header->bytes_per_sample = (int)VIPS_IMAGE_SIZEOF_ELEMENT(image);
	header->pages = pages_of(image);
	header->orientation = vips_image_get_orientation(image);
	return image;
}

const char *pipeline_text(VipsImage *image, const char *name) {
	const char *text = NULL;
	if (vips_image_get_typeof(image, name) == VIPS_TYPE_REF_STRING && vips_image_get_string(image, name, &text))
		return NULL;
	return text;
}

const void *pipeline_profile(VipsImage *image, size_t *size) {
	const void *data = NULL;
	*size = 0;
	if (!vips_image_get_typeof(image, VIPS_META_ICC_NAME) || vips_image_get_blob(image, VIPS_META_ICC_NAME, &data, size))
		return NULL;
	return data;
}

// replace puts the outcome of a step in the place of what it was made from.
static int replace(VipsImage **image, VipsImage *next, int failed) {
	if (failed)
		return -1;
	g_object_unref(*image);
	*image = next;
	return 0;
}

static int on_white(VipsImage **image) {
	if (!vips_image_hasalpha(*image))
		return 0;
	VipsImage *next = NULL;
	VipsArrayDouble *white = vips_array_double_newv(1, (*image)->BandFmt == VIPS_FORMAT_USHORT ? 65535.0 : 255.0);
	int failed = vips_flatten(*image, &next, "background", white, NULL);
	vips_area_unref(VIPS_AREA(white));
	return replace(image, next, failed);
}

// to_srgb trusts an embedded profile, and falls back when it is broken or missing. Four bands are inks.
static int to_srgb(VipsImage **image, int is_srgb) {
	VipsImage *next = NULL;
	gboolean inks = (*image)->Type == VIPS_INTERPRETATION_CMYK;
	gboolean profiled = vips_image_get_typeof(*image, VIPS_META_ICC_NAME) != 0;
	if (inks || (profiled && !is_srgb)) {
		int failed = vips_icc_transform(*image, &next, "srgb", "embedded", TRUE, "input_profile", inks ? "cmyk" : "srgb",
			"intent", VIPS_INTENT_RELATIVE, "black_point_compensation", TRUE, "depth", 8, NULL);
		if (!failed)
			return replace(image, next, 0);
		if (inks)
			return -1;
		vips_error_clear(); // a profile for another kind of image: read the numbers as they are
		next = NULL;
	}
	return replace(image, next, vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, NULL));
}

static VipsImage *normalise(VipsImage *image, int is_srgb) {
	g_object_ref(image);
	VipsImage *next = NULL;
	if (on_white(&image) || to_srgb(&image, is_srgb))
		goto fail;
	if (image->BandFmt != VIPS_FORMAT_UCHAR && replace(&image, next, vips_cast_uchar(image, &next, NULL)))
		goto fail;
	if (image->Bands != 3) {
		vips_error("pipeline", "%d bands after conversion", image->Bands);
		goto fail;
	}
	return image;
fail:
	g_object_unref(image);
	return NULL;
}

static void *forget(VipsImage *image, const char *name, GValue *value, void *names) {
	*(GSList **)names = g_slist_prepend(*(GSList **)names, g_strdup(name));
	return NULL;
}

// bare removes all that came with the pixels: nothing that a saver might keep, by mistake or by design.
static void bare(VipsImage *image) {
	GSList *names = NULL;
	vips_image_map(image, forget, &names);
	for (GSList *n = names; n; n = n->next)
		vips_image_remove(image, n->data);
	g_slist_free_full(names, g_free);
}

static void let_go(VipsImage *image, void *pixels) { free(pixels); }

VipsImage *pipeline_webp_pixels(const void *data, size_t size, VipsImage *header) {
	WebPBitstreamFeatures features;
	if (WebPGetFeatures(data, size, &features) != VP8_STATUS_OK || features.width != header->Xsize || features.height != header->Ysize) {
		vips_error("pipeline", "WebP without a picture of the size it claims");
		return NULL;
	}
	int bands = features.has_alpha ? 4 : 3, stride = bands * features.width;
	size_t length = (size_t)stride * features.height;
	uint8_t *pixels = malloc(length);
	if (!pixels) {
		vips_error("pipeline", "out of memory");
		return NULL;
	}
	uint8_t *done = bands == 4 ? WebPDecodeRGBAInto(data, size, pixels, length, stride) : WebPDecodeRGBInto(data, size, pixels, length, stride);
	VipsImage *image = done ? vips_image_new_from_memory(pixels, length, features.width, features.height, bands, VIPS_FORMAT_UCHAR) : NULL;
	if (!image) {
		vips_error("pipeline", "WebP cannot be decoded");
		free(pixels);
		return NULL;
	}
	g_signal_connect(image, "postclose", G_CALLBACK(let_go), pixels);
	image->Type = VIPS_INTERPRETATION_sRGB;
	const void *profile;
	size_t profile_size;
	if ((profile = pipeline_profile(header, &profile_size)))
		vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, profile, profile_size);
	return image;
}

VipsImage *pipeline_decode(VipsImage *image, int is_srgb) {
	VipsImage *plain = normalise(image, is_srgb);
	if (!plain)
		return NULL;
	VipsImage *memory = vips_image_new_memory();
	int failed = vips_image_write(plain, memory);
	g_object_unref(plain);
	if (failed) {
		g_object_unref(memory);
		return NULL;
	}
	bare(memory);
	return memory;
}

int pipeline_relay(VipsImage *image, int is_srgb, void **data, size_t *size) {
	VipsImage *plain = normalise(image, is_srgb);
	if (!plain)
		return -1;
	int failed = vips_jpegsave_buffer(plain, data, size, "Q", 95, "strip", TRUE, NULL);
	g_object_unref(plain);
	return failed;
}

// in_memory takes image over and gives its pixels.
static VipsImage *in_memory(VipsImage *image) {
	VipsImage *memory = vips_image_new_memory();
	int failed = vips_image_write(image, memory);
	g_object_unref(image);
	if (failed) {
		g_object_unref(memory);
		return NULL;
	}
	return memory;
}

VipsImage *pipeline_shrink(VipsImage *image, int width, int height) {
	VipsImage *small = NULL;
	if (image->Xsize == width && image->Ysize == height) {
		g_object_ref(image);
		return image;
	}
	double across = (double)width / image->Xsize, down = (double)height / image->Ysize;
	if (vips_resize(image, &small, across, "vscale", down, "kernel", VIPS_KERNEL_LANCZOS3, NULL))
		return NULL;
	return in_memory(small);
}

VipsImage *pipeline_crop(VipsImage *image, int left, int top, int width, int height) {
	VipsImage *part = NULL;
	if (vips_extract_area(image, &part, left, top, width, height, NULL))
		return NULL;
	return in_memory(part);
}

// HIDDEN is how many colours the long edge of a hidden part keeps.
#define HIDDEN 6

int pipeline_hide(VipsImage *image, int left, int top, int width, int height) {
	VipsImage *part = pipeline_crop(image, left, top, width, height), *few = NULL, *wide = NULL;
	if (!part)
		return -1;
	double scale = (double)HIDDEN / (width > height ? width : height);
	int across = VIPS_MAX(1, (int)(width * scale + 0.5)), down = VIPS_MAX(1, (int)(height * scale + 0.5));
	// By way of a picture of a few pixels: what is not in it is nowhere.
	int failed = vips_thumbnail_image(part, &few, across, "height", down, "size", VIPS_SIZE_FORCE, NULL);
	g_object_unref(part);
	if (failed || !(few = in_memory(few)))
		return -1;
	failed = vips_resize(few, &wide, (double)width / few->Xsize, "vscale", (double)height / few->Ysize, "kernel", VIPS_KERNEL_LINEAR, NULL);
	g_object_unref(few);
	if (failed || !(wide = in_memory(wide)))
		return -1;
	failed = vips_draw_image(image, wide, left, top, NULL);
	g_object_unref(wide);
	return failed;
}

// upright turns by the EXIF orientation, whatever the image itself says.
static VipsImage *upright(VipsImage *image, int orientation) {
	VipsImage *copy = NULL, *turned = NULL;
	if (vips_copy(image, &copy, NULL))
		return NULL;
	vips_image_set_int(copy, VIPS_META_ORIENTATION, orientation);
	int failed = vips_autorot(copy, &turned, NULL);
	g_object_unref(copy);
	return failed ? NULL : turned;
}

int pipeline_jpeg(VipsImage *image, int orientation, int quality, void **data, size_t *size) {
	VipsImage *turned = upright(image, orientation);
	if (!turned)
		return -1;
	// Neither progressive nor optimised tables: both keep the whole image a second time.
	int failed = vips_jpegsave_buffer(turned, data, size, "Q", quality, "strip", TRUE, NULL);
	g_object_unref(turned);
	return failed;
}

int pipeline_webp(VipsImage *image, int orientation, int quality, int effort, void **data, size_t *size) {
	VipsImage *turned = upright(image, orientation);
	if (!turned)
		return -1;
	int failed = vips_webpsave_buffer(turned, data, size, "Q", quality, "effort", effort, "strip", TRUE, NULL);
	g_object_unref(turned);
	return failed;
}

int pipeline_pixels(VipsImage *image, int orientation, void **data, size_t *size) {
	VipsImage *turned = upright(image, orientation);
	if (!turned)
		return -1;
	*data = vips_image_write_to_memory(turned, size);
	g_object_unref(turned);
	return *data ? 0 : -1;
}

void pipeline_close(VipsImage *image) { g_object_unref(image); }

void pipeline_free(void *data) { g_free(data); }

void pipeline_tidy(void) {
	vips_error_clear();
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

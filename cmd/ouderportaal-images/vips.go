package main

// #cgo pkg-config: vips libwebp
// #include <stdlib.h>
// #include "pipeline.h"
import "C"

import (
	"bytes"
	"errors"
	"strings"
	"unsafe"

	"ouderportaal/internal/media"
)

// startLibrary loads libvips and leaves only the loaders and savers that we use.
func startLibrary() error {
	name := C.CString("ouderportaal-images")
	defer C.free(unsafe.Pointer(name))
	if C.pipeline_start(name) != 0 {
		return lastError()
	}
	return nil
}

func libraryVersion() string { return "libvips " + C.GoString(C.vips_version_string()) }

// lastError takes the message of libvips, which tells what its loader or saver found.
func lastError() error {
	text := strings.TrimSpace(C.GoString(C.vips_error_buffer()))
	C.vips_error_clear()
	if text == "" {
		text = "unknown error"
	}
	return errors.New(text)
}

// input is the file as it came, outside the heap of Go so that it is gone as soon as the pixels are there.
type input struct {
	data unsafe.Pointer
	size int
}

func newInput(size int) *input { return &input{C.malloc(C.size_t(size)), size} }

func (in *input) bytes() []byte { return unsafe.Slice((*byte)(in.data), in.size) }

func (in *input) free() {
	C.free(in.data)
	in.data = nil
}

// output is an encoded file in the memory of libvips.
type output struct {
	data unsafe.Pointer
	size C.size_t
	body []byte // the part of data that is the file
}

func (o *output) all() []byte { return unsafe.Slice((*byte)(o.data), int(o.size)) }

func (o *output) free() {
	C.pipeline_free(o.data)
	o.data, o.body = nil, nil
}

// picture is an image of libvips, not turned yet.
type picture struct {
	image         *C.VipsImage
	width, height int
}

func (p picture) close() { C.pipeline_close(p.image) }

type header struct {
	width, height, pages, orientation, bands, sampleBytes int
	taken                                                 string // see imagewire.Reply
}

var formats = map[media.ContentType]C.Format{
	media.JPEG: C.FORMAT_JPEG, media.PNG: C.FORMAT_PNG, media.WebP: C.FORMAT_WEBP, media.HEIF: C.FORMAT_HEIF,
}

func openPicture(in []byte, kind media.ContentType) (picture, header, error) {
	var h C.Header
	image := C.pipeline_open(unsafe.Pointer(unsafe.SliceData(in)), C.size_t(len(in)), formats[kind], &h)
	if image == nil {
		return picture{}, header{}, lastError()
	}
	p := picture{image, int(h.width), int(h.height)}
	return p, header{int(h.width), int(h.height), int(h.pages), int(h.orientation), int(h.bands), int(h.bytes_per_sample), p.taken()}, nil
}

// taken is when the picture was taken, as its Exif says. What has another length than the standard gives it is left out: it is
// somebody's text, and as long as they like.
func (p picture) taken() string {
	at, offset := p.exif("exif-ifd2-DateTimeOriginal"), p.exif("exif-ifd2-OffsetTimeOriginal")
	if len(at) != len("2026:10:24 09:05:07") {
		return ""
	}
	if len(offset) != len("+02:00") {
		return at
	}
	return at + offset
}

// exif is a text of the Exif, which libvips gives with its type behind it: "+02:00 (+02:00, ASCII, 7 components, 7 bytes)".
func (p picture) exif(name string) string {
	key := C.CString(name)
	defer C.free(unsafe.Pointer(key))
	text, _, _ := strings.Cut(C.GoString(C.pipeline_text(p.image, key)), " (")
	return text
}

// hasSRGB tells whether the embedded profile says that it is sRGB. Then no conversion is needed, and most cameras save us that.
// Somebody who lies here gets their own colours wrong and nothing else.
func (p picture) hasSRGB() bool {
	var size C.size_t
	data := C.pipeline_profile(p.image, &size)
	if data == nil {
		return false
	}
	profile := unsafe.Slice((*byte)(data), int(size))
	const wide = "s\x00R\x00G\x00B\x00 \x00I\x00E\x00C\x006\x001\x009\x006\x006\x00-\x002\x00.\x001"
	return bytes.Contains(profile, []byte("sRGB IEC61966-2.1")) || bytes.Contains(profile, []byte(wide))
}

// webpPixels is p with its pixels in memory; see the C function.
func (p picture) webpPixels(in []byte) (picture, error) {
	return newPicture(C.pipeline_webp_pixels(unsafe.Pointer(unsafe.SliceData(in)), C.size_t(len(in)), p.image))
}

func (p picture) decode() (picture, error) {
	return newPicture(C.pipeline_decode(p.image, flag(p.hasSRGB())))
}

func (p picture) relay() (*output, error) {
	o := &output{}
	if C.pipeline_relay(p.image, flag(p.hasSRGB()), &o.data, &o.size) != 0 {
		return nil, lastError()
	}
	o.body = o.all()
	return o, nil
}

func (p picture) shrink(width, height int) (picture, error) {
	return newPicture(C.pipeline_shrink(p.image, C.int(width), C.int(height)))
}

// hide leaves of a part of the picture, in its own memory, a few colours that flow into each other.
func (p picture) hide(at rectangle) error {
	if C.pipeline_hide(p.image, C.int(at.left), C.int(at.top), C.int(at.width), C.int(at.height)) != 0 {
		return lastError()
	}
	return nil
}

func (p picture) crop(at rectangle) (picture, error) {
	return newPicture(C.pipeline_crop(p.image, C.int(at.left), C.int(at.top), C.int(at.width), C.int(at.height)))
}

func (p picture) jpeg(orientation, quality int) (*output, error) {
	o := &output{}
	if C.pipeline_jpeg(p.image, C.int(orientation), C.int(quality), &o.data, &o.size) != 0 {
		return nil, lastError()
	}
	o.body = o.all()
	return o, nil
}

func (p picture) webp(orientation, quality, effort int) (*output, error) {
	o := &output{}
	if C.pipeline_webp(p.image, C.int(orientation), C.int(quality), C.int(effort), &o.data, &o.size) != 0 {
		return nil, lastError()
	}
	var err error
	if o.body, err = bareWebP(o.all()); err != nil {
		o.free()
		return nil, err
	}
	return o, nil
}

// pixels gives rows of red, green, blue, upright.
func (p picture) pixels(orientation int) (*output, error) {
	o := &output{}
	if C.pipeline_pixels(p.image, C.int(orientation), &o.data, &o.size) != 0 {
		return nil, lastError()
	}
	o.body = o.all()
	return o, nil
}

func newPicture(image *C.VipsImage) (picture, error) {
	if image == nil {
		return picture{}, lastError()
	}
	return picture{image, int(image.Xsize), int(image.Ysize)}, nil
}

// tidy gives memory back to the system between two images.
func tidy() { C.pipeline_tidy() }

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// keep lets a picture be closed once more.
func (p picture) keep() { C.g_object_ref(C.gpointer(p.image)) }

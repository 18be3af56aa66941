package main

import "testing"

func TestBareWebP(t *testing.T) {
	extended := "RIFF\x36\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x08\x00\x00\x00\x01\x00\x00\x01\x00\x00VP8 \x03\x00\x00\x00abc\x00EXIF\x04\x00\x00\x00exif"
	bare, err := bareWebP([]byte(extended))
	if want := "RIFF\x10\x00\x00\x00WEBPVP8 \x03\x00\x00\x00abc\x00"; err != nil || string(bare) != want {
		t.Errorf("%q, %v", bare, err)
	}
	again, err := bareWebP([]byte(string(bare)))
	if err != nil || string(again) != string(bare) {
		t.Errorf("%q, %v", again, err)
	}
	for _, broken := range []string{"", "RIFF", "RIFF\x00\x00\x00\x00WEBPVP8 \xff\xff\xff\xffabc", extended[:40]} {
		if bare, err := bareWebP([]byte(broken)); err == nil {
			t.Errorf("%q from %q", bare, broken)
		}
	}
}

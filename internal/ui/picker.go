package ui

import (
	"context"
	"encoding/json"
	"maps"
	"strings"

	"github.com/a-h/templ"

	"ouderportaal/internal/i18n"
)

const mostPhotos = 20

func (p PickerProps) most() int {
	if p.Most <= 0 {
		return mostPhotos
	}
	return p.Most
}

// say is a sentence of the picker: the files of p are photos, or may be documents as well.
func (p PickerProps) say(photos, files string) string {
	if p.Files {
		return files
	}
	return photos
}

// types are the files that a browser offers to choose from.
func (p PickerProps) types() string {
	return p.say("image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif", "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif,application/pdf,.pdf")
}

// pickerWords are the sentences that the picker says by itself, as JSON.
func pickerWords(ctx context.Context, p PickerProps) string {
	words := map[string]string{
		"queued": "ui.picker.queued", "shrinking": "ui.picker.shrinking", "uploading": "ui.picker.uploading", "processing": "ui.picker.processing",
		"ready": "ui.picker.ready", "failed": "ui.picker.failed", "empty": "ui.picker.empty", "sign_in": "ui.picker.sign_in",
		"network": p.say("ui.picker.network", "ui.files.network"), "large": p.say("ui.picker.large", "ui.files.large"), "many": p.say("ui.picker.many", "ui.files.many"),
		"type": p.say("ui.picker.type", "ui.files.type"), "busy": p.say("ui.picker.busy", "ui.files.busy"), "done": p.say("ui.picker.done", "ui.files.done"),
		"partly": p.say("ui.picker.partly", "ui.files.partly"), "waiting": p.say("ui.picker.waiting", "ui.files.waiting"),
		"left_out": p.say("ui.picker.left_out", "ui.files.left_out"), "unsent": p.say("ui.picker.unsent", "ui.files.unsent"),
	}
	if !p.Files {
		maps.Copy(words, editorWords)
	}
	return wordsJSON(ctx, words)
}

var editorWords = map[string]string{
	"editor": "ui.editor.title", "editor_hide": "ui.editor.hide", "editor_crop": "ui.editor.crop", "editor_looking": "ui.editor.looking", "editor_found": "ui.editor.found",
	"editor_none": "ui.editor.none", "editor_failed": "ui.editor.failed", "editor_add": "ui.editor.add", "editor_face": "ui.editor.face", "editor_help": "ui.editor.help", "editor_crop_help": "ui.editor.crop_help",
	"editor_save": "ui.editor.save", "editor_cancel": "ui.editor.cancel", "editor_final": "ui.editor.final", "editor_remove": "ui.editor.remove", "editor_frame": "ui.editor.frame",
}

// shotLabel names a control for screen readers with the number of its file; the script puts the name of the file behind it.
func shotLabel(ctx context.Context, key string, number int) templ.Attributes {
	words := i18n.T(ctx, key)
	return templ.Attributes{"data-label": words, "aria-label": strings.ReplaceAll(words, "{photo}", itoa(number))}
}

// viewerWords are the labels of the photo viewer, as JSON; they are in the page once.
func viewerWords(ctx context.Context) string {
	return wordsJSON(ctx, map[string]string{
		"close": "ui.close", "zoom": "ui.viewer.zoom", "previous": "ui.viewer.previous", "next": "ui.viewer.next",
		"download": "ui.viewer.download", "error": "ui.viewer.error", "gone": "ui.viewer.gone", "of": "ui.viewer.of", "dialog": "ui.viewer.dialog",
		"report": "ui.viewer.report",
	})
}

func wordsJSON(ctx context.Context, keys map[string]string) string {
	words := make(map[string]string, len(keys))
	for name, key := range keys {
		words[name] = i18n.T(ctx, key)
	}
	out, err := json.Marshal(words) // a map of strings cannot fail
	if err != nil {
		return "{}"
	}
	return string(out)
}

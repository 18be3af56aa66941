package news

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/attach"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/media/imagewire"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// MaxFiles is how many files one article has, pictures in its text among them, and MaxUpload the largest of them, in bytes.
const (
	MaxFiles  = 60
	MaxUpload = photos.MaxUpload
)

// FileKind is what a file is.
type FileKind string

// The kinds. A photo is made fit to share first; a PDF and an office document are only ever saved.
const (
	Photo  FileKind = "photo"
	PDF    FileKind = "pdf"
	Office FileKind = "office"
)

// File is a picture in the text of an article, or a file that goes along with it. Who may read the article has it.
type File struct {
	bun.BaseModel `bun:"table:article_file,alias:f"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	ArticleID     ids.ID `bun:"type:uuid"`
	Inline        bool   // in the text
	Kind          FileKind
	State         photos.State
	Refusal       string // locale key of the reason
	StorageKey    string
	FileName      string
	ContentType   string
	Bytes         int64 // of what was uploaded
	Width, Height int
	UploadedBy    ids.ID `bun:"type:uuid"`
	CreatedAt     time.Time
}

// Ready tells whether it can be had.
func (f *File) Ready() bool { return f.State == photos.Ready }

// Refused tells whether it turned out to be no picture that can be shown.
func (f *File) Refused() bool { return f.State == photos.Refused }

// RefusalArgs are the words that the sentence of a refusal needs.
func (f *File) RefusalArgs() map[string]any { return media.ArgsOf(f.Refusal) }

// filesPath is where files are read.
const filesPath = "/nieuws/bestanden/"

// Path is the address of the file, before the name of a version.
func (f *File) Path() string { return filesPath + f.ID.String() }

// pictureWidth is the long edge of the version of a picture that stands in a text.
const pictureWidth = 1280

// PicturePath is the address of the version that stands in a text.
func (f *File) PicturePath() string { return f.Path() + "/" + media.WebPName(pictureWidth) }

// fit gives the size of that version.
func fit(width, height int) (int, int) {
	if longest := max(width, height); longest > pictureWidth {
		return max(1, width*pictureWidth/longest), max(1, height*pictureWidth/longest)
	}
	return width, height
}

// Ending is what a file ends in: "pdf", "docx".
func (f *File) Ending() string { return strings.TrimPrefix(path.Ext(f.FileName), ".") }

const (
	documentFile = "bestand" // the name in storage of what is no picture
	area         = "nieuws"
)

func (f *File) object(name string) string { return blob.Variant(f.StorageKey, name) }

func (s *Service) files() attach.Area {
	return attach.Area{Name: area, Store: s.store, Images: s.images, Document: documentFile, Widths: Widths}
}

// Uploaded happens when a picture is stored and must be made fit to share.
type Uploaded struct {
	FileID     ids.ID `json:"file_id"`
	StorageKey string `json:"storage_key"` // to clean up after one whose row is gone
}

// EventName makes it an outbox.Event.
func (Uploaded) EventName() string { return "news.file_uploaded" }

// Removed happens when the row of a file is gone and its objects can go too.
type Removed struct {
	StorageKey string `json:"storage_key"`
}

// EventName makes it an outbox.Event.
func (Removed) EventName() string { return "news.file_removed" }

// Upload stores a file with an article that the actor looks after: a picture for its text, or a file to go along. What it is, its content
// says and not its name; anything else is Invalid.
func (s *Service) Upload(ctx context.Context, article ids.ID, inline bool, name string, content []byte) (*File, error) {
	what, err := kindOf(content)
	if err == nil && inline && what.kind != Photo {
		err = fault.New(fault.Invalid, "news.error.no_picture")
	}
	if err != nil {
		return nil, err
	}
	tenant, _ := tenants.From(ctx)
	f := &File{TenantID: tenant.ID, ID: ids.New(), ArticleID: article, Inline: inline, Kind: what.kind, State: photos.Uploaded, StorageKey: blob.NewKeyIn(tenant.ID, area),
		FileName: plaintext.FileName(name, what.ending, "bijlage"), ContentType: what.contentType, Bytes: int64(len(content)), UploadedBy: actor.From(ctx).PersonID, CreatedAt: s.db.Clock().Now()}
	if f.Kind != Photo {
		f.State = photos.Ready
	}
	err = attach.Upload{
		Room: func(ctx context.Context, tx tenants.Reader) error {
			if _, err := selectKept(ctx, tx, actor.From(ctx), article); err != nil {
				return err
			}
			if err := mustTakeFile(ctx, tx, article); err != nil {
				return err
			}
			return tenants.MustHaveRoom(ctx, tx, f.Bytes)
		},
		Put: func(ctx context.Context) error {
			return s.files().Put(ctx, f.StorageKey, f.Kind == Photo, content, f.ContentType)
		},
		Keep: func(ctx context.Context, tx tenants.Writer) error {
			if _, err := hold(ctx, tx, article); err != nil {
				return err
			}
			if err := mustTakeFile(ctx, tx, article); err != nil { // once more, now that nobody else adds any
				return err
			}
			if err := insertFile(ctx, tx, f); err != nil {
				return err
			}
			if err := audit.Record(ctx, tx, "news.add_file", article, map[string]any{"kind": f.Kind, "inline": inline}); err != nil || f.Kind != Photo {
				return err
			}
			return outbox.Record(ctx, tx, Uploaded{FileID: f.ID, StorageKey: f.StorageKey})
		},
		Clear: func(ctx context.Context) error { return s.files().Delete(ctx, f.StorageKey) },
	}.Take(ctx, s.db)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// mustTakeFile refuses one more file when an article has the most already, those that were refused not counted.
func mustTakeFile(ctx context.Context, tx tenants.Reader, article ids.ID) error {
	files, err := selectFiles(ctx, tx, article)
	if err != nil {
		return err
	}
	if files = slices.DeleteFunc(files, func(f File) bool { return f.Refused() }); len(files) >= MaxFiles {
		return fault.New(fault.Invalid, "news.error.too_many_files").With(map[string]any{"Max": MaxFiles})
	}
	return nil
}

// Uploading gives a file of an article that the actor looks after, to show how far it is.
func (s *Service) Uploading(ctx context.Context, article, id ids.ID) (f *File, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if _, err := selectKept(ctx, tx, actor.From(ctx), article); err != nil {
			return err
		}
		files, err := selectFiles(ctx, tx, article)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(files, func(f File) bool { return f.ID == id })
		if at < 0 {
			return fault.NotFound()
		}
		f = &files[at]
		return nil
	})
	return f, err
}

// Discard removes a file that goes along with an article that the actor looks after.
func (s *Service) Discard(ctx context.Context, article, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		if _, err := hold(ctx, tx, article); err != nil {
			return err
		}
		key, err := deleteFile(ctx, tx, article, id)
		if err != nil {
			return err
		}
		if err := outbox.Record(ctx, tx, Removed{StorageKey: key}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, "news.remove_file", article, nil)
	})
}

type content struct {
	kind        FileKind
	ending      string
	contentType string
}

// offices are the documents that are taken, by a file that only they hold. The names of the older kinds, and of those with programs in them,
// are not among them.
var offices = []struct{ holds, ending, contentType string }{
	{"word/document.xml", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	{"xl/workbook.xml", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{"ppt/presentation.xml", ".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
}

// openDocuments are the documents that name their own content type, as a file "mimetype".
var openDocuments = map[string]string{
	"application/vnd.oasis.opendocument.text":         ".odt",
	"application/vnd.oasis.opendocument.spreadsheet":  ".ods",
	"application/vnd.oasis.opendocument.presentation": ".odp",
}

// kindOf tells by its content what a file is.
func kindOf(bits []byte) (content, error) {
	if len(bits) > MaxUpload {
		return content{}, fault.New(fault.Invalid, "news.error.file_too_large").With(map[string]any{"Max": MaxUpload >> 20})
	}
	pdf, whole := attach.IsPDF(bits)
	switch {
	case pdf:
		if !whole {
			return content{}, fault.New(fault.Invalid, "news.error.damaged")
		}
		return content{PDF, ".pdf", "application/pdf"}, nil
	case bytes.HasPrefix(bits, []byte("PK\x03\x04")):
		return officeOf(bits)
	}
	_, err := media.Sniff(bits, int64(len(bits)))
	if media.ReasonOf(err) == imagewire.NotAnImage {
		return content{}, fault.New(fault.Invalid, "news.error.file_type")
	}
	return content{Photo, ".jpg", "image/jpeg"}, err
}

func officeOf(bits []byte) (content, error) {
	archive, err := zip.NewReader(bytes.NewReader(bits), int64(len(bits)))
	if err != nil {
		return content{}, fault.New(fault.Invalid, "news.error.damaged").Wrap(err)
	}
	names := map[string]*zip.File{}
	for _, f := range archive.File {
		names[f.Name] = f
		if strings.HasSuffix(strings.ToLower(f.Name), "vbaproject.bin") || strings.HasPrefix(f.Name, "Basic/") {
			return content{}, fault.New(fault.Invalid, "news.error.macros")
		}
	}
	for _, o := range offices {
		if names[o.holds] != nil && names["[Content_Types].xml"] != nil {
			return content{Office, o.ending, o.contentType}, nil
		}
	}
	if f := names["mimetype"]; f != nil && f.UncompressedSize64 < 100 {
		if r, err := f.Open(); err == nil {
			defer r.Close()
			said, _ := io.ReadAll(io.LimitReader(r, 100))
			if ending, known := openDocuments[string(said)]; known {
				return content{Office, ending, string(said)}, nil
			}
		}
	}
	return content{}, fault.New(fault.Invalid, "news.error.file_type")
}

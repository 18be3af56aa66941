package messages

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/attach"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// MaxAttachments is how many photos and PDFs go with one message, and MaxUpload the largest of them, in bytes.
const (
	MaxAttachments = 5
	MaxUpload      = photos.MaxUpload
	mostUploads    = 4 * MaxAttachments // of one person, in no message yet: what is left over goes after a day
)

// Kind is what an attachment is.
type Kind = attach.Kind

// The kinds. A photo is shown, a PDF is only ever saved.
const (
	Photo = attach.Photo
	PDF   = attach.PDF
)

// Attachment is a photo or a PDF that somebody uploaded to send along. It is in no album: who may read the message has it, and nobody else.
type Attachment struct {
	bun.BaseModel `bun:"table:message_attachment,alias:a"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	UploadedBy    ids.ID `bun:"type:uuid"`
	MessageID     ids.ID `bun:"type:uuid,nullzero"`
	MailingID     ids.ID `bun:"type:uuid,nullzero"` // of a message to many families
	Position      int
	Kind          Kind
	State         photos.State
	Refusal       string // locale key of the reason
	StorageKey    string
	FileName      string
	Bytes         int64 // of what was uploaded
	Width         int
	Height        int
	Thumbhash     []byte `bun:"thumbhash,nullzero"`
	CreatedAt     time.Time
}

// Ready tells whether it can be had.
func (a *Attachment) Ready() bool { return a.State == photos.Ready }

// Refused tells whether it turned out to be no picture that can be shown.
func (a *Attachment) Refused() bool { return a.State == photos.Refused }

const (
	// pdfFile is the name of a PDF in storage.
	pdfFile = "bestand.pdf"
	// area is where attachments are in storage: photos of the diary are looked after by their own module.
	area = "berichten"
)

func (s *Service) files() attach.Area {
	return attach.Area{Name: area, Store: s.store, Images: s.images, Document: pdfFile, Widths: Widths}
}

// Uploaded happens when a photo to send along is stored and must be made fit to share.
type Uploaded struct {
	AttachmentID ids.ID `json:"attachment_id"`
	StorageKey   string `json:"storage_key"` // to clean up after one whose row is gone
}

// EventName makes it an outbox.Event.
func (Uploaded) EventName() string { return "messages.attachment_uploaded" }

// Removed happens when the row of an attachment is gone and its objects can go too.
type Removed struct {
	StorageKey string `json:"storage_key"`
}

// EventName makes it an outbox.Event.
func (Removed) EventName() string { return "messages.attachment_removed" }

// Upload stores a photo or a PDF of the actor, to go with a message that they write. What it is, its content says and not its name;
// anything else is Invalid, and so is what is too large or one too many.
func (s *Service) Upload(ctx context.Context, name string, content []byte) (*Attachment, error) {
	kind, err := attach.KindOf(content)
	if err != nil {
		return nil, err
	}
	tenant, _ := tenants.From(ctx)
	a := &Attachment{TenantID: tenant.ID, ID: ids.New(), UploadedBy: actor.From(ctx).PersonID, Kind: kind, State: photos.Uploaded, StorageKey: blob.NewKeyIn(tenant.ID, area),
		FileName: attach.FileName(name, kind), Bytes: int64(len(content)), CreatedAt: s.db.Clock().Now()}
	if kind == PDF {
		a.State = photos.Ready
	}
	err = attach.Upload{
		Lock: "uploads",
		Room: func(ctx context.Context, tx tenants.Reader) error { return mustHaveRoom(ctx, tx, a) },
		Put: func(ctx context.Context) error {
			return s.files().Put(ctx, a.StorageKey, kind == Photo, content, "application/pdf")
		},
		Keep: func(ctx context.Context, tx tenants.Writer) error {
			if err := insertAttachment(ctx, tx, a); err != nil || kind == PDF {
				return err
			}
			return outbox.Record(ctx, tx, Uploaded{AttachmentID: a.ID, StorageKey: a.StorageKey})
		},
		Clear: func(ctx context.Context) error { return s.files().Delete(ctx, a.StorageKey) },
	}.Take(ctx, s.db)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// mustHaveRoom refuses an attachment when its uploader has the most already that go with no message, or the organisation no storage left for
// it.
func mustHaveRoom(ctx context.Context, tx tenants.Reader, a *Attachment) error {
	n, err := countUploads(ctx, tx, a.UploadedBy)
	if err != nil {
		return err
	}
	if n >= mostUploads {
		return fault.New(fault.Invalid, "messages.error.uploads_too_many")
	}
	return tenants.MustHaveRoom(ctx, tx, a.Bytes)
}

// Mine gives the actor's own attachment that goes with no message, to show how far it is.
func (s *Service) Mine(ctx context.Context, id ids.ID) (*Attachment, error) {
	list, err := s.AllMine(ctx, []ids.ID{id})
	if err == nil && len(list) == 0 {
		err = fault.NotFound()
	}
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// AllMine gives those among ids that are the actor's own and go with no message, in the order of ids: for a form that comes back with
// them.
func (s *Service) AllMine(ctx context.Context, list []ids.ID) (found []Attachment, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		found, err = selectFree(ctx, tx, list, actor.From(ctx).PersonID)
		return err
	})
	return found, err
}

// Discard removes the actor's own attachment that goes with no message.
func (s *Service) Discard(ctx context.Context, id ids.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		gone, err := deleteFree(ctx, tx, id, actor.From(ctx).PersonID)
		if err != nil {
			return err
		}
		if len(gone) == 0 {
			return fault.NotFound()
		}
		return recordRemoved(ctx, tx, gone)
	})
}

func recordRemoved(ctx context.Context, tx tenants.Writer, keys []string) error {
	for _, key := range keys {
		if err := outbox.Record(ctx, tx, Removed{StorageKey: key}); err != nil {
			return err
		}
	}
	return nil
}

// attachTo sends the actor's uploads along with a message, or with all of a mailing. One that is somebody else's or in another message is a
// mistake in the field.
func attachTo(ctx context.Context, tx tenants.Writer, message, mailing ids.ID, list []ids.ID) error {
	var problems fault.Fields
	for i, id := range list {
		claimed, err := claim(ctx, tx, id, actor.From(ctx).PersonID, message, mailing, i)
		if err != nil {
			return err
		}
		if !claimed {
			problems.Add("photos", "messages.error.attachment_gone")
			break
		}
	}
	return problems.Err()
}

func checkAttachments(problems *fault.Fields, list []ids.ID) {
	if len(list) > MaxAttachments {
		problems.Add("photos", "messages.error.too_many_attachments", map[string]any{"Max": MaxAttachments})
	}
}

// RefusalArgs are the words that the sentence of a refusal needs.
func (a *Attachment) RefusalArgs() map[string]any { return media.ArgsOf(a.Refusal) }

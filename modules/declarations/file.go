package declarations

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/attach"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// Enclosure is a photo or a PDF that stands in a field of an answer. Who may read the answer has it, and nobody else. An answer of
// before that holds another one keeps that.
type Enclosure struct {
	bun.BaseModel `bun:"table:declaration_file,alias:f"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	DeclarationID ids.ID `bun:"type:uuid"`
	ChildID       ids.ID `bun:"type:uuid"`
	UploadedBy    ids.ID `bun:"type:uuid"`
	Kind          attach.Kind
	State         attach.State
	Refusal       string // locale key of the reason
	StorageKey    string
	FileName      string
	Bytes         int64 // of what was uploaded
	CreatedAt     time.Time
	KeptAt        *time.Time // since when an answer holds it
}

// Ready tells whether it can be had.
func (e *Enclosure) Ready() bool { return e.State == attach.Ready }

// Refused tells whether it turned out to be no picture that can be shown.
func (e *Enclosure) Refused() bool { return e.State == attach.Refused }

// RefusalArgs are the words that the sentence of a refusal needs.
func (e *Enclosure) RefusalArgs() map[string]any { return media.ArgsOf(e.Refusal) }

const (
	area        = "verklaringen"
	pdfFile     = "bestand.pdf"
	mostUnsent  = 2 * MaxFields  // files of one person that no answer holds
	keepsUnsent = 24 * time.Hour // a file that no answer holds, unless somebody's unsent answer does
)

func (s *Service) files() attach.Area {
	return attach.Area{Name: area, Store: s.store, Images: s.images, Document: pdfFile}
}

// Uploaded happens when a photo is stored and must be made fit to keep.
type Uploaded struct {
	FileID     ids.ID `json:"file_id"`
	StorageKey string `json:"storage_key"` // to clean up after one whose row is gone
}

// EventName names the event in the ledger.
func (Uploaded) EventName() string { return "declarations.file_uploaded" }

// Removed happens when the row of a file is gone and its objects can go too.
type Removed struct {
	StorageKey string `json:"storage_key"`
}

// EventName names the event in the ledger.
func (Removed) EventName() string { return "declarations.file_removed" }

// Upload is a file as it was sent.
type Upload struct {
	Name    string
	Content []byte
}

// enclose stores what was sent for the fields that take a file, and puts it in them. What cannot be taken it gives by the key of its field.
func (s *Service) enclose(ctx context.Context, about subject, fields []Field, sent map[string]Upload, filled Filled) (map[string]*fault.Error, error) {
	refused := map[string]*fault.Error{}
	for _, field := range fields {
		upload, chosen := sent[field.Key]
		if !chosen || field.Kind != File {
			continue
		}
		e, err := s.upload(ctx, about, upload)
		if f, ok := fault.As(err); ok && f.Code == fault.Invalid {
			refused[field.Key] = f
			continue
		}
		if err != nil {
			return nil, err
		}
		filled[field.Key] = []string{e.ID.String()}
	}
	return refused, nil
}

// upload stores a file of the actor that no answer holds yet. What it is, its content says and not its name.
func (s *Service) upload(ctx context.Context, about subject, u Upload) (*Enclosure, error) {
	kind, err := attach.KindOf(u.Content)
	if err != nil {
		return nil, err
	}
	tenant, _ := tenants.From(ctx)
	e := &Enclosure{TenantID: tenant.ID, ID: ids.New(), DeclarationID: about.DeclarationID, ChildID: about.ChildID, UploadedBy: actor.From(ctx).PersonID, Kind: kind, State: attach.Ready,
		StorageKey: blob.NewKeyIn(tenant.ID, area), FileName: attach.FileName(u.Name, kind), Bytes: int64(len(u.Content)), CreatedAt: s.db.Clock().Now()}
	if kind == attach.Photo {
		e.State = attach.Uploaded
	}
	err = attach.Upload{
		Lock: "declarations uploads",
		Room: func(ctx context.Context, tx tenants.Reader) error { return mustHaveRoom(ctx, tx, e) },
		Put: func(ctx context.Context) error {
			return s.files().Put(ctx, e.StorageKey, kind == attach.Photo, u.Content, "application/pdf")
		},
		Keep: func(ctx context.Context, tx tenants.Writer) error {
			if err := insertEnclosures(ctx, tx, *e); err != nil || kind == attach.PDF {
				return err
			}
			return outbox.Record(ctx, tx, Uploaded{FileID: e.ID, StorageKey: e.StorageKey})
		},
		Clear: func(ctx context.Context) error { return s.files().Delete(ctx, e.StorageKey) },
	}.Take(ctx, s.db)
	if err != nil {
		return nil, err
	}
	return e, nil
}

// mustHaveRoom refuses a file when its uploader has the most already that no answer holds, or the organisation no storage left for it.
func mustHaveRoom(ctx context.Context, tx tenants.Reader, e *Enclosure) error {
	n, err := countUnsent(ctx, tx, e.UploadedBy)
	if err != nil {
		return err
	}
	if n >= mostUnsent {
		return fault.New(fault.Invalid, "declarations.error.many_files")
	}
	return tenants.MustHaveRoom(ctx, tx, e.Bytes)
}

// develop makes of an uploaded photo what is kept of it. Run again it finds it done, or writes the same file once more.
func (s *Service) develop(ctx context.Context, _ ids.ID, event Uploaded) error {
	var e *Enclosure
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		e, err = selectEnclosure(ctx, tx, event.FileID)
		return err
	})
	if fault.CodeOf(err) == fault.Missing {
		return s.files().Delete(ctx, event.StorageKey) // also what a run before this one wrote after the others were deleted
	}
	if err == nil && e.State == attach.Uploaded {
		err = s.finish(ctx, e)
	}
	if err != nil {
		return err
	}
	return s.files().DropOriginal(ctx, e.StorageKey)
}

func (s *Service) finish(ctx context.Context, e *Enclosure) error {
	made, err := s.files().Develop(ctx, e.StorageKey, e.Bytes)
	if err != nil {
		return err
	}
	e.Refusal = made.Refusal
	if e.State = attach.Ready; e.Refusal != "" {
		e.State = attach.Refused
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		done, err := updateDeveloped(ctx, tx, e)
		if err != nil || done {
			return err
		}
		return fmt.Errorf("declarations: file %s went while it was made", e.ID) // the next run cleans up, or finds it done
	})
}

func (s *Service) deleteObjects(ctx context.Context, _ ids.ID, e Removed) error {
	return s.files().Delete(ctx, e.StorageKey)
}

// forgetUnsent removes files that no answer came to hold.
func (s *Service) forgetUnsent(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		keys, err := deleteUnsentFiles(ctx, tx, tx.Now().Add(-keepsUnsent))
		if err != nil {
			return err
		}
		for _, key := range keys {
			if err := outbox.Record(ctx, tx, Removed{StorageKey: key}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Reconcile removes objects of no file, which an upload or a run that was broken off left behind, a day later. It is run on a schedule.
func (s *Service) Reconcile(ctx context.Context) error {
	tenant, ok := tenants.From(ctx)
	if !ok {
		return tenants.ErrNoTenant
	}
	before := s.db.Clock().Now().Add(-keepsUnsent)
	var used map[string]bool
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) (err error) {
		used, err = selectKeys(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return s.files().Reconcile(ctx, tenant.ID, used, before)
}

// Saved is a file that the actor may have now.
type Saved struct {
	Name, ContentType string
	object            string
	store             blob.Store
}

// Size is that of the file in bytes.
func (f *Saved) Size(ctx context.Context) (int64, error) {
	info, err := f.store.Stat(ctx, f.object)
	return info.Size, err
}

// Open gives length bytes from offset (blob.All: to the end). The caller closes it.
func (f *Saved) Open(ctx context.Context, offset, length int64) (io.ReadCloser, blob.Info, error) {
	return f.store.Get(ctx, f.object, offset, length)
}

// Save gives a file of an answer that the actor may read: of their own or their household's, or about a child whom they keep. Any other
// is NotFound.
func (s *Service) Save(ctx context.Context, id ids.ID) (f *Saved, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		e, err := selectEnclosure(ctx, tx, id)
		if err != nil {
			return err
		}
		had, err := mayHave(ctx, tx, e)
		if err != nil {
			return err
		}
		if !had || !e.Ready() {
			return fault.NotFound()
		}
		f = &Saved{Name: e.FileName, ContentType: "image/jpeg", object: s.files().Saved(e.StorageKey, e.Kind == attach.Photo), store: s.store}
		if e.Kind == attach.PDF {
			f.ContentType = "application/pdf"
		}
		return nil
	})
	return f, err
}

// mayHave tells whether an answer that the actor may read holds a file.
func mayHave(ctx context.Context, tx tenants.Reader, e *Enclosure) (bool, error) {
	who := actor.From(ctx)
	var ties []children.HouseholdTie
	if who.Role == actor.Parent {
		if _, err := children.MustSee(ctx, tx, []ids.ID{e.ChildID}); err != nil {
			return false, err
		}
		var err error
		if ties, err = children.HouseholdTies(ctx, tx, []ids.ID{e.ChildID}); err != nil {
			return false, err
		}
	} else if err := mayKeep(ctx); err != nil {
		return false, err
	} else if kept, err := keepsAnswers(ctx, tx, e); err != nil || !kept {
		return false, err
	}
	words, err := selectWordings(ctx, tx, e.DeclarationID)
	if err != nil {
		return false, err
	}
	answers, err := selectAnswers(ctx, tx, e.DeclarationID, []ids.ID{e.ChildID}, true)
	return slices.ContainsFunc(answers, func(a Answer) bool {
		return a.holds(e.ID, words) && (who.Role != actor.Parent || together(ties, e.ChildID, who.PersonID, a.AnsweredBy))
	}), err
}

// keepsAnswers tells whether the actor reads the answers about the child of a file.
func keepsAnswers(ctx context.Context, tx tenants.Reader, e *Enclosure) (bool, error) {
	of := keptBy(ctx, tx, true)
	for _, among := range []*bun.RawQuery{of.among, of.past} {
		about, err := selectAnswered(ctx, tx, e.DeclarationID, among)
		if err != nil || slices.Contains(about, e.ChildID) {
			return err == nil, err
		}
	}
	return false, nil
}

package declarations

import (
	"context"
	"slices"
	"strconv"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/attach"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/notifications"
	"ouderportaal/tenants"
)

// Service asks, takes answers, and reminds.
type Service struct {
	db            *tenants.DB
	notifications *notifications.Service
	store         blob.Store
	images        attach.Images
}

// New works on db, tells guardians by n, and keeps files in store. images may be nil in a process that works off no media jobs.
func New(db *tenants.DB, n *notifications.Service, store blob.Store, images attach.Images) *Service {
	s := &Service{db: db, notifications: n, store: store, images: images}
	s.offer()
	return s
}

// mayDefine lets those who run the whole organisation decide what is asked.
func mayDefine(ctx context.Context) error {
	if role := actor.From(ctx).Role; role != actor.Admin && role != actor.System {
		return fault.NotFound()
	}
	return nil
}

// Add keeps a new declaration that nobody is asked yet, and gives its id.
func (s *Service) Add(ctx context.Context, draft Draft) (id ids.ID, err error) {
	if err := mayDefine(ctx); err != nil {
		return ids.Nil, err
	}
	if err := draft.Check(); err != nil {
		return ids.Nil, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		before, done, err := formkey.Once(ctx, tx, draft.FormKey, draft.fingerprint())
		if err != nil {
			return err
		}
		if done {
			id, _ = ids.Parse(before)
			return nil
		}
		d := &Declaration{TenantID: tx.Tenant().ID, ID: ids.New(), TextVersion: 1, AskedVersion: 1, CreatedAt: tx.Now(), CreatedBy: actor.From(ctx).PersonID}
		if err := s.write(ctx, tx, d, draft); err != nil {
			return err
		}
		id = d.ID
		return formkey.Finish(ctx, tx, draft.FormKey, id.String())
	})
	return id, err
}

func (d *Draft) fingerprint() []byte {
	parts := []string{d.Title, d.Body, string(d.Answerers), strconv.FormatBool(d.Required), string(d.Audience), strconv.Itoa(d.FromAgeMonths), strconv.Itoa(d.ToAgeMonths), strconv.Itoa(d.RemindDays)}
	parts = append(append(parts, ids.Texts(d.LocationIDs)...), ids.Texts(d.GroupIDs)...)
	for _, f := range d.Fields {
		parts = append(append(parts, string(f.Kind), f.Label, f.Hint, strconv.FormatBool(f.Required)), f.Options...)
	}
	return formkey.Hash(parts...)
}

// Revise changes a declaration. New words of one that was published are a new version: who has answered is asked again when the
// draft says so, and until then what they filled in counts.
func (s *Service) Revise(ctx context.Context, id ids.ID, draft Draft) error {
	if err := mayDefine(ctx); err != nil {
		return err
	}
	if err := draft.Check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		d, err := selectOne(ctx, tx, id, "UPDATE")
		if err != nil {
			return err
		}
		switch {
		case d.EndedAt != nil:
			return fault.New(fault.Conflict, "declarations.error.ended")
		case d.Version != draft.Version:
			return fault.New(fault.Conflict, "declarations.error.stale")
		}
		return s.write(ctx, tx, d, draft)
	})
}

func (s *Service) write(ctx context.Context, tx tenants.Writer, d *Declaration, draft Draft) error {
	isNew := d.Version == 0
	for i := range draft.Fields {
		if f := &draft.Fields[i]; f.Key == "" || slices.ContainsFunc(draft.Fields[:i], func(o Field) bool { return o.Key == f.Key }) {
			f.Key = ids.New().String()[24:]
		}
	}
	worded := isNew || d.Title != draft.Title || d.Body != draft.Body || !slices.EqualFunc(d.Fields, draft.Fields, sameField)
	if worded && d.PublishedAt != nil {
		d.TextVersion++
	}
	again := draft.AskAgain && d.PublishedAt != nil && d.AskedVersion < d.TextVersion
	if again {
		d.AskedVersion = d.TextVersion
	}
	d.Answerers, d.Required, d.Audience = draft.Answerers, draft.Required, draft.Audience
	d.FromAgeMonths, d.ToAgeMonths, d.RemindDays = draft.FromAgeMonths, draft.ToAgeMonths, draft.RemindDays
	d.Version++
	if err := save(ctx, tx, d, isNew); err != nil {
		return err
	}
	if worded {
		words := &Wording{TenantID: d.TenantID, DeclarationID: d.ID, TextVersion: d.TextVersion, Title: draft.Title, Body: draft.Body, Fields: draft.Fields, WrittenAt: tx.Now(), WrittenBy: actor.From(ctx).PersonID}
		if err := saveWords(ctx, tx, words); err != nil {
			return err
		}
	}
	if err := mustKnowPlaces(ctx, tx, draft); err != nil {
		return err
	}
	if err := setPlaces(ctx, tx, d.ID, draft.LocationIDs, draft.GroupIDs); err != nil {
		return err
	}
	action := "declarations.revise"
	if isNew {
		action = "declarations.add"
	}
	detail := map[string]any{"version": d.TextVersion, "answerers": d.Answerers, "audience": d.Audience, "ask_again": again}
	if err := audit.Record(ctx, tx, action, d.ID, detail); err != nil {
		return err
	}
	if d.Asked() { // more children may be asked now, or everybody again
		return outbox.Record(ctx, tx, Published{DeclarationID: d.ID})
	}
	return nil
}

func sameField(a, b Field) bool {
	return a.Key == b.Key && a.Kind == b.Kind && a.Label == b.Label && a.Hint == b.Hint && a.Required == b.Required && slices.Equal(a.Options, b.Options)
}

// mustKnowPlaces refuses places of another organisation as places that do not exist.
func mustKnowPlaces(ctx context.Context, tx tenants.Reader, draft Draft) error {
	var locations, groups []ids.ID
	if err := children.LocationsOf(tx, actor.From(ctx)).Scan(ctx, &locations); err != nil {
		return err
	}
	if err := children.GroupsOf(tx, actor.From(ctx)).Scan(ctx, &groups); err != nil {
		return err
	}
	for _, id := range draft.LocationIDs {
		if !slices.Contains(locations, id) {
			return fault.NotFound()
		}
	}
	for _, id := range draft.GroupIDs {
		if !slices.Contains(groups, id) {
			return fault.NotFound()
		}
	}
	return nil
}

// Publish asks guardians from now on. Published again it does nothing.
func (s *Service) Publish(ctx context.Context, id ids.ID) error {
	return s.turn(ctx, id, "declarations.publish", func(tx tenants.Writer, d *Declaration) bool {
		if d.PublishedAt != nil {
			return false
		}
		now := tx.Now()
		d.PublishedAt = &now
		return true
	}, Published{DeclarationID: id})
}

// End asks nobody any more; what was answered stays. Ended again it does nothing.
func (s *Service) End(ctx context.Context, id ids.ID) error {
	return s.turn(ctx, id, "declarations.end", func(tx tenants.Writer, d *Declaration) bool {
		if !d.Asked() {
			return false
		}
		now := tx.Now()
		d.EndedAt = &now
		return true
	}, nil)
}

func (s *Service) turn(ctx context.Context, id ids.ID, action string, do func(tenants.Writer, *Declaration) bool, event outbox.Event) error {
	if err := mayDefine(ctx); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		d, err := selectOne(ctx, tx, id, "UPDATE")
		if err != nil || !do(tx, d) {
			return err
		}
		d.Version++
		if err := save(ctx, tx, d, false); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, action, d.ID, nil); err != nil || event == nil {
			return err
		}
		return outbox.Record(ctx, tx, event)
	})
}

// Definition is a declaration as who defines it sees it.
type Definition struct {
	Declaration
	LocationIDs, GroupIDs []ids.ID
	Children              int       // about whom it is
	Wordings              []Wording // the newest first
}

// Define gives a declaration to change or to publish.
func (s *Service) Define(ctx context.Context, id ids.ID) (def *Definition, err error) {
	if err := mayDefine(ctx); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		d, err := selectOne(ctx, tx, id, "")
		if err != nil {
			return err
		}
		def = &Definition{Declaration: *d}
		if def.LocationIDs, def.GroupIDs, err = selectPlaces(ctx, tx, id); err != nil {
			return err
		}
		if def.Wordings, err = selectWordings(ctx, tx, id); err != nil {
			return err
		}
		def.Children, err = countAudience(ctx, tx, &Draft{Audience: d.Audience, LocationIDs: def.LocationIDs, GroupIDs: def.GroupIDs, FromAgeMonths: d.FromAgeMonths, ToAgeMonths: d.ToAgeMonths})
		return err
	})
	return def, err
}

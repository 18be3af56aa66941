package diary

import (
	"context"
	"unicode/utf8"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/formkey"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/internal/plaintext"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/tenants"
)

// Letter is what a guardian wants to put in the diary of one of their children. It is about the child, so every informed
// guardian reads it, also of another household, and who works with the child.
type Letter struct {
	FormKey ids.ID // of the form it was written in: sent twice, it is kept once
	ChildID ids.ID
	Body    string
	Photos  []PhotoDraft
}

// Check tidies the letter, and says everything that is wrong with it by itself, at the field it is wrong in.
func (l *Letter) Check() error {
	l.Body = plaintext.Of(l.Body)
	for i := range l.Photos {
		l.Photos[i].Alt = plaintext.Of(l.Photos[i].Alt)
	}
	var problems fault.Fields
	if l.ChildID == ids.Nil {
		problems.Add("child", "diary.error.child_required")
	}
	if l.Body == "" && len(l.Photos) == 0 {
		problems.Add("body", "diary.error.empty")
	}
	if utf8.RuneCountInString(l.Body) > MaxBody {
		problems.Add("body", "diary.error.body_too_long", map[string]any{"Max": MaxBody})
	}
	if len(l.Photos) > MaxHomePhotos {
		problems.Add("photos", "diary.error.photos_too_many", map[string]any{"Max": MaxHomePhotos})
	}
	return problems.Err()
}

// Wordless tells that there is nothing to read in the letter: its photos are all there is.
func (l *Letter) Wordless() bool { return plaintext.Of(l.Body) == "" }

// draft is the letter in the form of other drafts.
func (l *Letter) draft() Draft {
	return Draft{FormKey: l.FormKey, ChildIDs: []ids.ID{l.ChildID}, Body: l.Body, Photos: l.Photos}
}

// Subject is a child whom a guardian can write about now.
type Subject struct {
	children.Named
	Group        string // who reads along
	PhotoConsent bool
}

// Subjects lists the actor's children who are in a group now, or almost: others have nobody who reads along.
func (s *Service) Subjects(ctx context.Context) ([]Subject, error) {
	var list []Subject
	err := s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		if actor.From(ctx).Role != actor.Parent {
			return fault.NotFound()
		}
		own, err := idsOf(ctx, children.VisibleTo(tx, actor.From(ctx)))
		if err != nil {
			return err
		}
		named, err := children.MustSee(ctx, tx, ids.Once(own))
		if err != nil {
			return err
		}
		granted, err := consents.Granted(ctx, tx, consents.Photos, own)
		if err != nil {
			return err
		}
		groups, err := children.GroupsByChild(ctx, tx, own...)
		if err != nil {
			return err
		}
		for _, child := range named {
			if in := groups[child.ID]; len(in) > 0 {
				list = append(list, Subject{Named: child, Group: in[0].Name, PhotoConsent: granted[child.ID]})
			}
		}
		return nil
	})
	return list, err
}

// Write keeps a letter of the actor, a guardian of the child, with the news of it. What has no words waits for its first photo
// that is ready.
func (s *Service) Write(ctx context.Context, letter Letter) (ids.ID, error) {
	if err := letter.Check(); err != nil {
		return ids.Nil, err
	}
	id := ids.New()
	err := s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		draft := letter.draft()
		before, done, err := formkey.Once(ctx, tx, draft.FormKey, draft.fingerprint())
		if err != nil {
			return err
		}
		if done {
			id, _ = ids.Parse(before)
			return nil
		}
		if err := s.write(ctx, tx, id, draft); err != nil {
			return err
		}
		return formkey.Finish(ctx, tx, draft.FormKey, id.String())
	})
	return id, err
}

func (s *Service) write(ctx context.Context, tx tenants.Writer, id ids.ID, draft Draft) error {
	if actor.From(ctx).Role != actor.Parent {
		return fault.NotFound()
	}
	about, err := children.MustSee(ctx, tx, draft.ChildIDs)
	if err != nil {
		return err
	}
	all, err := children.GroupsByChild(ctx, tx, about[0].ID)
	if err != nil {
		return err
	}
	groups := all[about[0].ID]
	var problems fault.Fields
	if len(groups) == 0 {
		problems.Add("child", "diary.error.nobody_reads", map[string]any{"Name": about[0].GivenName})
		return problems.Err()
	}
	if len(draft.Photos) > 0 {
		lacking, err := consents.Lacking(ctx, tx, consents.Photos, draft.ChildIDs)
		if err != nil {
			return err
		}
		if lacking[about[0].ID] { // guardians decide on it together, and not by sending a photo
			problems.Add("photos", "diary.error.own_no_consent", map[string]any{"Name": about[0].GivenName})
			return problems.Err()
		}
	}
	entry, err := newEntry(ctx, tx, id, &groups[0], draft, about)
	if err != nil {
		return err
	}
	entry.FromHome = true
	if err := insertEntry(ctx, tx, entry); err != nil {
		return err
	}
	if !entry.Waits {
		if err := share(ctx, tx, entry); err != nil {
			return err
		}
	}
	if len(draft.Photos) > 0 {
		if err := s.album.Attach(ctx, tx, id, draft.Photos, draft.ChildIDs); err != nil {
			return err
		}
	}
	if err := audit.Record(ctx, tx, "diary.write", id, map[string]any{"child": about[0].ID, "photos": len(draft.Photos)}); err != nil {
		return err
	}
	return signal(ctx, tx, entry)
}

// Give gives an entry the heart of the actor, or takes it back; again, it does nothing. Guardians give one to what others
// wrote, who works here to what came from home; anything else is NotFound. The author is told of the first.
func (s *Service) Give(ctx context.Context, id ids.ID, heart bool) error {
	entry, _, err := s.Find(ctx, id)
	if err != nil {
		return err
	}
	if !entry.MayLove(actor.From(ctx)) {
		return fault.NotFound()
	}
	return s.db.Write(ctx, func(ctx context.Context, tx tenants.Writer) error {
		changed, first, err := setHeart(ctx, tx, id, actor.From(ctx).PersonID, heart)
		if err != nil || !changed {
			return err
		}
		if first {
			loved := EntryLoved{EntryID: id, AuthorID: entry.AuthorID, FromHome: entry.FromHome}
			if err := outbox.Record(ctx, tx, loved); err != nil {
				return err
			}
		}
		return signal(ctx, tx, entry)
	})
}

// MayLove tells whether who, who may read the entry, may give it a heart.
func (e *Entry) MayLove(who actor.Actor) bool {
	return !e.Waits && (who.Role == actor.Parent || e.FromHome) && !e.By(who)
}

// By tells whether who wrote the entry, in the role that they are in.
func (e *Entry) By(who actor.Actor) bool {
	return e.AuthorID == who.PersonID && e.FromHome == (who.Role == actor.Parent)
}

package keepsake

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/absences"
	"ouderportaal/modules/accesses"
	"ouderportaal/modules/care"
	"ouderportaal/modules/children"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/particulars"
	"ouderportaal/tenants"
)

// The file alles.json says what the book says and more, for programs. Every column of the rows in it is one of the keys below, or is
// named with a reason in exempt, in the test of this file. Times are RFC 3339, in the zone of the organisation. What other
// modules come to keep of a child gets a list of its own beside entries and care.
type (
	// jsonAbout says where the file comes from.
	jsonAbout struct {
		Organisation string    `json:"organisation"`
		MadeAt       time.Time `json:"made_at"` // nothing newer is in it, but placements are those of when the file was written
		TimeZone     string    `json:"time_zone"`
		Language     string    `json:"language"`
	}
	jsonChild struct {
		ID         ids.ID       `json:"id"`
		GivenName  string       `json:"given_name"`
		FamilyName string       `json:"family_name"`
		BornOn     tenants.Date `json:"born_on"`
		CreatedAt  time.Time    `json:"created_at"` // known to the organisation since
	}
	// jsonPlacement is where the child comes, or was to come.
	jsonPlacement struct {
		ID          ids.ID             `json:"id"`
		GroupID     ids.ID             `json:"group_id"`
		Group       string             `json:"group"`
		Place       string             `json:"place"` // the house
		City        string             `json:"city"`
		CareType    children.CareType  `json:"care_type"`
		StartsOn    tenants.Date       `json:"starts_on"`
		EndsOn      tenants.Date       `json:"ends_on"` // empty while it goes on
		CancelledAt *time.Time         `json:"cancelled_at"`
		CreatedAt   time.Time          `json:"created_at"`
		Days        []children.CareDay `json:"days"` // ISO weekdays
	}
	// jsonAnswer is what was said to a consent that was asked for.
	jsonAnswer struct {
		ID          ids.ID           `json:"id"`
		Purpose     consents.Purpose `json:"purpose"`
		TextVersion int              `json:"text_version"` // of the words that were answered
		Title       string           `json:"title"`        // empty with the words: photos, as the portal itself asks
		Words       string           `json:"words"`
		Granted     bool             `json:"granted"`
		AnsweredAt  time.Time        `json:"answered_at"`
		For         string           `json:"for"` // "own": of the guardian who asked for this file; "other"; or "everybody", on paper
	}
	// jsonDeclaration is what the guardian who asked for this file, or somebody of their household, filled in.
	jsonDeclaration struct {
		ID            ids.ID       `json:"id"`
		DeclarationID ids.ID       `json:"declaration_id"`
		TextVersion   int          `json:"text_version"` // of the words that were answered
		Title         string       `json:"title"`
		Words         string       `json:"words"`
		Filled        []jsonFilled `json:"filled"`
		AnsweredAt    time.Time    `json:"answered_at"`
		For           string       `json:"for"`      // "own", or "household"
		PaperOn       tenants.Date `json:"paper_on"` // the day on the paper that it came on; empty for one in the portal
		// Files stand in the answer, or are the paper itself.
		Files []jsonAttached `json:"files"`
	}
	jsonFilled struct {
		Question string   `json:"question"`
		Answer   []string `json:"answer"`
	}
	// jsonParticulars is what was told of the child's health. It is, like whom to call and changes that were asked for, for guardians
	// with parental authority.
	jsonParticulars struct {
		Doctor      string    `json:"doctor"`
		DoctorPhone string    `json:"doctor_phone"`
		Allergies   string    `json:"allergies"`
		Diet        string    `json:"diet"`
		Medical     string    `json:"medical"`
		ChangedAt   time.Time `json:"changed_at"`
	}
	jsonContact struct {
		ID        ids.ID    `json:"id"`
		Name      string    `json:"name"`
		Relation  string    `json:"relation"`
		Phone     string    `json:"phone"`
		Emergency bool      `json:"emergency"`
		Collects  bool      `json:"collects"`
		AddedAt   time.Time `json:"added_at"`
	}
	jsonRequest struct {
		ID        ids.ID               `json:"id"`
		Changes   []particulars.Change `json:"changes"`
		HoldsFrom tenants.Date         `json:"holds_from"`
		State     particulars.State    `json:"state"`
		Reason    string               `json:"reason"`
		AskedAt   time.Time            `json:"asked_at"`
		DecidedAt *time.Time           `json:"decided_at"`
		AppliedAt *time.Time           `json:"applied_at"`
	}
	// jsonAccess is something of the child that somebody opened.
	jsonAccess struct {
		ID       ids.ID        `json:"id"`
		What     accesses.What `json:"what"`
		ObjectID ids.ID        `json:"object_id"` // a photo or an archive; of others it means nothing outside the portal
		Role     actor.Role    `json:"role"`
		Name     string        `json:"name"` // empty for a parent of another child on the same photo
		OpenedAt time.Time     `json:"opened_at"`
	}
	// jsonAbsence is days on which the child did not come, as its guardians reported them and as they stand.
	jsonAbsence struct {
		ID         ids.ID          `json:"id"`
		ReportID   ids.ID          `json:"report_id"` // what was sent at once
		FirstDay   tenants.Date    `json:"first_day"`
		LastDay    tenants.Date    `json:"last_day"`
		LateUntil  tenants.Date    `json:"late_until"` // the last day of it that was reported late; empty for none
		Reason     absences.Reason `json:"reason"`     // empty, and so is the note, of what another guardian reported
		Note       string          `json:"note"`
		ReportedAt time.Time       `json:"reported_at"`
	}
	// jsonConversation is what the guardian who asked for this file and a group, or else the management of a location, wrote to each other.
	jsonConversation struct {
		ID        ids.ID        `json:"id"`
		GroupID   ids.ID        `json:"group_id,omitzero"`
		Group     string        `json:"group,omitempty"`
		Location  string        `json:"location,omitempty"`
		Subject   string        `json:"subject"`
		CreatedAt time.Time     `json:"created_at"`
		Messages  []jsonMessage `json:"messages"`
	}
	jsonMessage struct {
		ID        ids.ID    `json:"id"`
		Author    string    `json:"author"`
		Side      string    `json:"side"` // "guardian" or "staff"
		Body      string    `json:"body"`
		WrittenAt time.Time `json:"written_at"`
		SentAt    time.Time `json:"sent_at"` // when its author could no longer take it back
		// Attached is what was sent along.
		Attached []jsonAttached `json:"attached"`
	}
	jsonAttached struct {
		ID   ids.ID `json:"id"`
		Name string `json:"name"`
		File string `json:"file"` // in this folder; empty when it could not come along
	}
	// jsonEntry is what was written: a "post" about a moment, or a "report" of the day.
	jsonEntry struct {
		ID          ids.ID      `json:"id"`
		Kind        diary.Kind  `json:"kind"`
		GroupID     ids.ID      `json:"group_id"`
		Group       string      `json:"group"`
		Place       string      `json:"place"` // the house
		City        string      `json:"city"`
		Author      string      `json:"author"`    // a first name
		FromHome    bool        `json:"from_home"` // written by a guardian
		Title       string      `json:"title"`
		Body        string      `json:"body"`
		PublishedAt time.Time   `json:"published_at"`
		Photos      []jsonPhoto `json:"photos"`
	}
	jsonPhoto struct {
		ID      ids.ID     `json:"id"`
		File    string     `json:"file"`  // in the folder of this file
		Width   int        `json:"width"` // pixels
		Height  int        `json:"height"`
		Alt     string     `json:"alt"`
		TakenAt *time.Time `json:"taken_at"` // by the clock of the camera; null where it did not say
	}
	// jsonRecord is one thing of a day: "stay", "sleep", "food", "bottle", "nappy", "mood", "temperature" or "note".
	jsonRecord struct {
		ID      ids.ID       `json:"id"`
		GroupID ids.ID       `json:"group_id"`
		Day     tenants.Date `json:"day"`
		Kind    care.Kind    `json:"kind"`
		BeganAt time.Time    `json:"began_at"`
		EndedAt *time.Time   `json:"ended_at"` // of a stay or a sleep
		Amount  int          `json:"amount"`   // millilitres of a bottle, tenths of a degree Celsius of a temperature
		Choice  string       `json:"choice"`
		Words   string       `json:"words"`
		Version int          `json:"version"` // how often it was written down
	}
)

// writeJSON writes alles.json a month at a time, so that it holds one month in memory.
func (p *packer) writeJSON(ctx context.Context, to io.Writer) error {
	out := bufio.NewWriter(to)
	zone := p.tenant.Location()
	value := func(v any) error {
		raw, err := json.Marshal(v)
		if err == nil {
			_, err = out.Write(raw)
		}
		return err
	}
	fmt.Fprint(out, `{"about":`) // a buffered writer remembers its error until Flush
	if err := value(jsonAbout{p.tenant.Name, p.k.AskedAt.In(zone), p.tenant.TimeZone, p.k.Language}); err != nil {
		return err
	}
	fmt.Fprint(out, `,"child":`)
	c := p.child
	if err := value(jsonChild{c.ID, c.GivenName, c.FamilyName, c.BirthOn, c.CreatedAt.In(zone)}); err != nil {
		return err
	}
	for _, list := range []struct {
		key  string
		each func(context.Context, func(any) error) error
	}{{"placements", p.eachPlacement}, {"consents", p.eachAnswer}, {"declarations", p.eachDeclaration}, {"particulars", p.eachParticular}, {"contacts", p.eachContact}, {"changes", p.eachRequest},
		{"absences", p.eachAbsence}, {"conversations", p.eachConversation}, {"accesses", p.eachAccess}, {"entries", p.monthly(p.eachEntry)}, {"care", p.monthly(p.eachRecord)}} {
		fmt.Fprintf(out, ",%q:[", list.key)
		between := ""
		err := list.each(ctx, func(v any) error {
			fmt.Fprint(out, between+"\n")
			between = ","
			return value(v)
		})
		if err != nil {
			return err
		}
		fmt.Fprint(out, "]")
	}
	fmt.Fprint(out, "}\n")
	return out.Flush()
}

// localTime is a moment that may be missing, in a zone.
func localTime(at *time.Time, zone *time.Location) *time.Time {
	if at == nil {
		return nil
	}
	local := at.In(zone)
	return &local
}

// monthly gives what each gives of every month.
func (p *packer) monthly(each func(*chapter, func(any) error) error) func(context.Context, func(any) error) error {
	return func(ctx context.Context, give func(any) error) error {
		for _, month := range p.k.months() {
			chapter, err := p.read(ctx, month)
			if err != nil {
				return err
			}
			if err := each(chapter, give); err != nil {
				return err
			}
		}
		return nil
	}
}

func (p *packer) eachPlacement(ctx context.Context, give func(any) error) error {
	zone := p.tenant.Location()
	return p.s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		list, err := children.Placements(ctx, tx, p.k.ChildID)
		if err != nil {
			return err
		}
		for _, at := range list {
			row := jsonPlacement{at.ID, at.GroupID, at.Where.Group, at.Where.Location, at.Where.City, at.CareType, at.StartsOn, at.EndsOn, localTime(at.CancelledAt, zone), at.CreatedAt.In(zone), at.Days}
			if err := give(row); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *packer) eachAbsence(_ context.Context, give func(any) error) error {
	for _, a := range p.answers.absences {
		if err := give(jsonAbsence{a.ID, a.ReportID, a.FirstDay, a.LastDay, a.LateUntil, a.Reason, a.Note, a.ReportedAt.In(p.tenant.Location())}); err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) eachAnswer(_ context.Context, give func(any) error) error {
	for _, a := range p.answers.consents {
		if err := give(jsonAnswer{a.ID, a.Purpose, a.TextVersion, a.Title, a.Body, a.Granted, a.AnsweredAt.In(p.tenant.Location()), p.whose(a)}); err != nil {
			return err
		}
	}
	return nil
}

// everything reads what particulars keep, and gives it to tell.
func (p *packer) everything(ctx context.Context, tell func(particulars.Whole) error) error {
	return p.s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		whole, err := particulars.Everything(ctx, tx, p.k.ChildID, p.k.PersonID)
		if err != nil {
			return err
		}
		return tell(whole)
	})
}

func (p *packer) eachParticular(ctx context.Context, give func(any) error) error {
	return p.everything(ctx, func(w particulars.Whole) error {
		if w.Particulars == nil {
			return nil
		}
		k := w.Particulars
		return give(jsonParticulars{k.Doctor, k.DoctorPhone, k.Allergies, k.Diet, k.Medical, k.ChangedAt.In(p.tenant.Location())})
	})
}

func (p *packer) eachContact(ctx context.Context, give func(any) error) error {
	return p.everything(ctx, func(w particulars.Whole) error {
		for _, k := range w.Contacts {
			if err := give(jsonContact{k.ID, k.Name, k.Relation, k.Phone, k.Emergency, k.Collects, k.AddedAt.In(p.tenant.Location())}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *packer) eachRequest(ctx context.Context, give func(any) error) error {
	zone := p.tenant.Location()
	return p.everything(ctx, func(w particulars.Whole) error {
		for _, r := range w.Requests {
			if r.AskedAt.After(p.k.AskedAt) {
				continue
			}
			if err := give(jsonRequest{r.ID, r.Changes, r.HoldsFrom, r.State, r.Reason, r.AskedAt.In(zone), localTime(r.DecidedAt, zone), localTime(r.AppliedAt, zone)}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *packer) eachAccess(ctx context.Context, give func(any) error) error {
	zone := p.tenant.Location()
	return p.s.db.Read(ctx, func(ctx context.Context, tx tenants.Reader) error {
		return accesses.Each(ctx, tx, p.k.ChildID, p.k.AskedAt, func(a accesses.Access) error {
			return give(jsonAccess{a.ID, a.What, a.ObjectID, a.Role, a.Name, a.At.In(zone)})
		})
	})
}

// eachEntry gives the entries of a month that have a place in the book.
func (p *packer) eachEntry(c *chapter, give func(any) error) error {
	zone := p.tenant.Location()
	for _, e := range c.entries {
		if _, in := p.done[e.ID]; !in {
			continue
		}
		where := c.places[e.GroupID]
		row := jsonEntry{e.ID, e.Kind, e.GroupID, e.GroupName, where.Location, where.City, e.AuthorName, e.FromHome, e.Title, e.Body, e.PublishedAt.In(zone), []jsonPhoto{}}
		for _, m := range e.Media {
			if i := p.done[m.ID]; i.Kind == photoItem {
				photo := jsonPhoto{m.ID, i.File, m.Width, m.Height, m.Alt, nil}
				if taken, known := c.taken[m.ID]; known {
					photo.TakenAt = localTime(&taken, zone)
				}
				row.Photos = append(row.Photos, photo)
			}
		}
		if err := give(row); err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) eachRecord(c *chapter, give func(any) error) error {
	zone := p.tenant.Location()
	for _, d := range c.days {
		for _, r := range d.Records {
			row := jsonRecord{r.ID, r.GroupID, r.CareOn, r.Kind, r.BeganAt.In(zone), localTime(r.EndedAt, zone), r.Amount, r.Choice, r.Words, r.Version}
			if err := give(row); err != nil {
				return err
			}
		}
	}
	return nil
}

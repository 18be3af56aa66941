package consents_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/dbtest"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/outbox"
	"ouderportaal/modules/children"
	"ouderportaal/modules/children/childrentest"
	"ouderportaal/modules/consents"
	"ouderportaal/modules/identity/identitytest"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/notifications/notificationstest"
	"ouderportaal/tenants"
)

// desk is an organisation that asks, with a follower that counts.
type desk struct {
	*childrentest.House
	*consents.Service
	t        *testing.T
	e        *dbtest.Env
	told     *notifications.Service
	mails    *notificationstest.Mails
	followed []ids.ID
	seen     ids.ID // the last event that was worked off
}

func (d *desk) ConsentChanged(_ context.Context, _ tenants.Writer, child ids.ID) error {
	d.followed = append(d.followed, child)
	return nil
}

func newDesk(t *testing.T) *desk {
	e := dbtest.New(t)
	d := &desk{House: childrentest.NewHouse(t, e, e.A), t: t, e: e}
	d.told, d.mails = notificationstest.NewWriting(t, e.DB, consents.Locales)
	d.Service = consents.New(e.DB, d.told, d)
	return d
}

func (d *desk) system() context.Context {
	return actor.With(tenants.With(context.Background(), d.Tenant), actor.ForSystem(d.Tenant.ID))
}

// work runs the handlers of what was recorded, each twice, until nothing new comes of it.
func (d *desk) work() {
	d.t.Helper()
	for {
		rows, err := d.e.Owner(d.t).Query(context.Background(), "SELECT id, name, payload FROM event WHERE tenant_id = $1 AND id > $2 ORDER BY id", d.Tenant.ID, d.seen)
		require.NoError(d.t, err)
		var list []outbox.Recorded
		for rows.Next() {
			var r outbox.Recorded
			var payload []byte
			require.NoError(d.t, rows.Scan(&r.ID, &r.Name, &payload))
			r.TenantID, r.Payload = d.Tenant.ID, json.RawMessage(payload)
			list = append(list, r)
		}
		require.NoError(d.t, rows.Err())
		if len(list) == 0 {
			return
		}
		for _, r := range list {
			d.seen = r.ID
			for _, s := range d.Subscriptions() {
				if s.Event == r.Name {
					require.NoError(d.t, s.Run(d.system(), r))
					require.NoError(d.t, s.Run(d.system(), r), "a second time")
				}
			}
		}
	}
}

func (d *desk) today() tenants.Date { return d.Tenant.DateOf(d.e.Clock.Now()) }

func (d *desk) draft(title string) consents.Draft {
	return consents.Draft{FormKey: ids.New(), Title: title, Body: "Mag dat?", Required: consents.One, StartsOn: d.today()}
}

func (d *desk) ask(draft consents.Draft) consents.Purpose {
	d.t.Helper()
	purpose, err := d.Ask(d.Admin.Ctx(), draft)
	require.NoError(d.t, err)
	return purpose
}

func (d *desk) granted(child ids.ID, p consents.Purpose) (yes bool) {
	d.t.Helper()
	require.NoError(d.t, d.e.DB.Read(d.Admin.Ctx(), func(ctx context.Context, tx tenants.Reader) error {
		granted, err := consents.Granted(ctx, tx, p, []ids.ID{child})
		yes = granted[child]
		return err
	}))
	return yes
}

func (d *desk) about(child ids.ID, p consents.Purpose) consents.Standing {
	d.t.Helper()
	of, err := d.Of(d.Admin.Ctx(), child)
	require.NoError(d.t, err)
	for _, q := range of.Questions {
		if q.Purpose == p {
			return q
		}
	}
	d.t.Fatalf("%s is not asked", p)
	return consents.Standing{}
}

// open counts whom the console lists as having something to answer.
func (d *desk) open() int {
	d.t.Helper()
	list, err := d.House.Service.List(d.Admin.Ctx(), children.Filter{Status: children.Here, Open: true}, consents.Unanswered)
	require.NoError(d.t, err)
	return len(list.Children)
}

func TestEveryGuardianHasToAllowWhatIsAskedOfEvery(t *testing.T) {
	d := newDesk(t)
	mila := d.AddChild("Mila", d.Group)
	eva, tom := d.AddParent("Eva", mila), d.AddParent("Tom", mila)
	draft := d.draft("Foto’s op de website")
	draft.Required = consents.Every
	website := d.ask(draft)
	give := func(who identitytest.Someone, yes bool) {
		require.NoError(t, d.Say(who.Ctx(), consents.Reply{ChildID: mila, Purpose: website, Granted: yes}))
	}
	give(eva, true)
	require.False(t, d.granted(mila, website))
	require.Equal(t, []string{tom.GivenName + " " + tom.FamilyName}, trimmed(d.about(mila, website).Waiting))
	own, err := d.Own(eva.Ctx())
	require.NoError(t, err)
	for _, q := range own[0].Questions {
		if q.Purpose == website {
			require.Equal(t, []string{"Tom"}, q.Waiting, "a guardian reads given names only")
		}
	}
	give(tom, true)
	require.True(t, d.granted(mila, website))
	require.False(t, d.about(mila, website).Open)
	give(eva, false)
	require.False(t, d.granted(mila, website))
	require.NoError(t, d.Say(d.Admin.Ctx(), consents.Reply{ChildID: mila, Purpose: website, Granted: true, Guardian: eva.ID}))
	require.True(t, d.granted(mila, website), "on paper, of the one who refused")
	require.Equal(t, fault.Missing, fault.CodeOf(d.Say(d.Admin.Ctx(), consents.Reply{ChildID: mila, Purpose: website, Granted: true, Guardian: d.Staff.ID})), "nobody's guardian")
	require.Equal(t, fault.Missing, fault.CodeOf(d.Say(eva.Ctx(), consents.Reply{ChildID: mila, Purpose: website, Granted: true, Guardian: tom.ID})), "not for another")
	require.Equal(t, fault.Conflict, fault.CodeOf(d.Say(eva.Ctx(), consents.Reply{ChildID: mila, Purpose: website, Granted: false, Words: 7})), "to other words")

	t.Run("a guardian who comes later has to answer too", func(t *testing.T) {
		later := d.AddParent("Opa", mila)
		d.work()
		require.False(t, d.granted(mila, website))
		give(later, true)
		require.True(t, d.granted(mila, website))
	})
	t.Run("a guardian whose tie is blocked is asked no more", func(t *testing.T) {
		give(tom, false)
		require.False(t, d.granted(mila, website))
		file, err := d.House.Service.Open(d.Admin.Ctx(), mila)
		require.NoError(t, err)
		for _, g := range file.Guardians {
			if g.PersonID == tom.ID {
				require.NoError(t, d.House.Service.Block(d.Admin.Ctx(), g.ID, "straatverbod"))
			}
		}
		d.work()
		require.True(t, d.granted(mila, website))
	})
}

func trimmed(list []string) []string {
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

func TestConsentHoldsFromADayUntilADay(t *testing.T) {
	d := newDesk(t)
	mila := d.AddChild("Mila", d.Group)
	eva := d.AddParent("Eva", mila)
	draft := d.draft("Foto’s in het portaal, dit schooljaar")
	draft.EndsOn = d.today().Add(3)
	require.NoError(t, d.Revise(d.Admin.Ctx(), consents.Photos, draft))
	require.NoError(t, d.Say(eva.Ctx(), consents.Reply{ChildID: mila, Purpose: consents.Photos, Granted: true}))
	d.work()
	d.followed = nil
	d.e.Clock.Advance(3 * 24 * time.Hour)
	require.NoError(t, d.Sweep(d.system()))
	require.True(t, d.granted(mila, consents.Photos), "the last day")
	d.e.Clock.Advance(24 * time.Hour)
	require.NoError(t, d.Sweep(d.system()))
	require.NoError(t, d.Sweep(d.system()), "again")
	require.False(t, d.granted(mila, consents.Photos))
	require.Equal(t, fault.Conflict, fault.CodeOf(d.Say(eva.Ctx(), consents.Reply{ChildID: mila, Purpose: consents.Photos, Granted: true})), "it is not asked any more")
	d.work()
	require.Contains(t, d.followed, mila)
	require.Zero(t, d.open(), "what is not asked is not open")
	own, err := d.Own(eva.Ctx())
	require.NoError(t, err)
	require.Empty(t, own[0].Questions)
	require.Len(t, own[0].Ended, 1, "what was said stays to be read")
	require.True(t, own[0].Ended[0].Mine.Granted)
	own, err = d.Own(d.AddParent("Jan", mila).Ctx())
	require.NoError(t, err)
	require.Empty(t, own[0].Ended, "by who has an answer to it")

	draft.EndsOn, draft.Version = "", 1
	require.NoError(t, d.Revise(d.Admin.Ctx(), consents.Photos, draft))
	require.True(t, d.granted(mila, consents.Photos), "the answer was kept")
}

func TestNewWordsAreAskedAgain(t *testing.T) {
	d := newDesk(t)
	mila := d.AddChild("Mila", d.Group)
	eva := d.AddParent("Eva", mila)
	require.Equal(t, 1, d.open(), "photos are asked everywhere")
	require.NoError(t, d.Say(eva.Ctx(), consents.Reply{ChildID: mila, Purpose: consents.Photos, Granted: true}))
	require.Zero(t, d.open())

	draft := d.draft("Foto’s")
	require.NoError(t, d.Revise(d.Admin.Ctx(), consents.Photos, draft))
	require.Zero(t, d.open(), "other words for the same")
	draft.Body, draft.AskAgain, draft.Version = "Mag dat ook op het scherm in de hal?", true, 1
	require.NoError(t, d.Revise(d.Admin.Ctx(), consents.Photos, draft))
	d.work()
	require.Equal(t, 1, d.open())
	require.True(t, d.granted(mila, consents.Photos), "until there is another answer")
	require.NoError(t, d.Say(eva.Ctx(), consents.Reply{ChildID: mila, Purpose: consents.Photos, Granted: false}))
	require.Zero(t, d.open())
	require.False(t, d.granted(mila, consents.Photos))
	texts, err := d.Wordings(d.Admin.Ctx(), consents.Photos)
	require.NoError(t, err)
	require.Len(t, texts, 2, "every wording is kept")
	own, err := d.Own(eva.Ctx())
	require.NoError(t, err)
	answers := own[0].Questions[0].Answers
	require.Len(t, answers, 2)
	require.Nil(t, answers[0].To, "it was given to what is asked now")
	require.Equal(t, &consents.Text{}, answers[1].To, "and the first one to the product's own words")
	again := d.draft("Foto’s in de hal")
	again.Version = 2
	require.NoError(t, d.Revise(d.Admin.Ctx(), consents.Photos, again))
	own, err = d.Own(eva.Ctx())
	require.NoError(t, err)
	require.Equal(t, "Mag dat ook op het scherm in de hal?", own[0].Questions[0].Answers[0].To.Body)
	require.Equal(t, fault.Conflict, fault.CodeOf(d.Revise(d.Admin.Ctx(), consents.Photos, draft)), "somebody else was first")
}

func TestWhoDecidesWhatIsAsked(t *testing.T) {
	d := newDesk(t)
	mila := d.AddChild("Mila", d.Group)
	for _, who := range []identitytest.Someone{d.Staff, d.AddManager("Lies"), d.AddParent("Eva", mila)} {
		_, err := d.Ask(who.Ctx(), d.draft("Iets"))
		require.Equal(t, fault.Missing, fault.CodeOf(err), who.GivenName)
	}
	_, err := d.Ask(d.Admin.Ctx(), consents.Draft{Title: strings.Repeat("x", 121), StartsOn: "2026-13-01", EndsOn: "gisteren"})
	problem, ok := fault.As(err)
	require.True(t, ok)
	var fields []string
	for _, f := range problem.Fields {
		fields = append(fields, f.Name)
	}
	require.Equal(t, []string{"title", "body", "required", "starts_on", "ends_on"}, fields)
	list, err := d.Asked(d.Admin.Ctx())
	require.NoError(t, err)
	require.Len(t, list, 1, "nothing was kept")
	require.Equal(t, consents.Tally{Children: 1}, list[0].Tally)
}

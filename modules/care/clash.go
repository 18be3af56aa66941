package care

import (
	"strings"
	"time"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/i18n"
	"ouderportaal/tenants"
)

// meets tells that two records of one kind that lasts are partly at the same time. One that is open lasts on.
func (r *Record) meets(o *Record) bool {
	if !r.Kind.Lasts() || r.Kind != o.Kind || r.ChildID != o.ChildID {
		return false
	}
	return (o.EndedAt == nil || r.BeganAt.Before(*o.EndedAt)) && (r.EndedAt == nil || o.BeganAt.Before(*r.EndedAt))
}

// before gives the first Stay of the child among the records of its day, oldest first, when a sleep begins before it. A child of whom
// nobody noted that it came may have been there.
func (r *Record) before(day []Record) *Record {
	for i := range day {
		if day[i].Kind == Stay && day[i].ChildID == r.ChildID {
			if r.Kind == Sleep && r.BeganAt.Before(day[i].BeganAt) {
				return &day[i]
			}
			return nil
		}
	}
	return nil
}

// arrived is "Mila (08:12)".
func arrived(tx tenants.Reader, name string, at time.Time) string {
	local := at.In(tx.Tenant().Location())
	return name + " (" + i18n.Clock(local.Hour()*60+local.Minute()) + ")"
}

func notThereYet(arrivals []string) error {
	var problems fault.Fields
	if len(arrivals) > 0 {
		problems.Add("from", "care.error.not_there_yet", map[string]any{"Names": strings.Join(arrivals, ", "), "Count": len(arrivals)})
	}
	return problems.Err()
}

func asleepAlready(names []string) error {
	var problems fault.Fields
	if len(names) > 0 {
		problems.Add("from", "care.error.asleep", map[string]any{"Names": strings.Join(names, ", "), "Count": len(names)})
	}
	return problems.Err()
}

func overlapping() error {
	var problems fault.Fields
	problems.Add("from", "care.error.overlap")
	return problems.Err()
}

package photos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/media"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/photos"
)

func TestWhenAPhotoWasTaken(t *testing.T) {
	s := newStudio(t)
	zone := s.Tenant.Location()
	uploaded := s.e.Clock.Now()
	const exif = "2006:01:02 15:04:05"
	yesterday := uploaded.Add(-24 * time.Hour).Truncate(time.Second)
	here, elsewhere := yesterday.In(zone), yesterday.In(time.FixedZone("", -7*3600))
	bare := mediatest.Photo(400, 300, 1)
	file := func(at, offset string) []byte { return mediatest.Taken(bare, at, offset) }
	for name, c := range map[string]struct {
		content []byte
		browser string
		want    time.Time
	}{
		"by a clock of which the camera knows the offset":   {content: file(elsewhere.Format(exif), "-07:00"), want: yesterday},
		"by the clock of the organisation":                  {content: file(here.Format(exif), ""), want: yesterday},
		"by a clock with a blank offset":                    {content: file(here.Format(exif), "   :  "), want: yesterday},
		"by a browser that made the photo smaller":          {content: bare, browser: elsewhere.Format(exif) + "-07:00", want: yesterday},
		"by a browser that knows no offset":                 {content: bare, browser: here.Format(exif), want: yesterday},
		"by the file before the browser":                    {content: file(here.Format(exif), ""), browser: here.Add(-time.Hour).Format(exif), want: yesterday},
		"by the browser where the file says what cannot be": {content: file("1980:01:01 00:00:00", ""), browser: here.Format(exif), want: yesterday},
		"at the moment itself":                              {content: file(uploaded.UTC().Format(exif), "+00:00"), want: uploaded.Truncate(time.Second)},
		"nobody says":                                       {content: bare},
		"after it was sent":                                 {content: file(uploaded.Add(time.Hour).In(zone).Format(exif), "")},
		"with a clock that was lost":                        {content: file("1980:01:01 00:00:00", "+01:00"), browser: "1980:01:01 00:00:00"},
		"before any child of today":                         {content: bare, browser: uploaded.AddDate(-20, 0, -1).Format(exif)},
		"on no day":                                         {content: file("2026:02:30 10:00:00", ""), browser: "0000:00:00 00:00:00"},
		"by a browser that says anything":                   {content: bare, browser: "'; DROP TABLE photo; --"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := s.photos.Take(s.Staff.Ctx(), photos.Upload{FileName: "IMG_1.jpg", Content: c.content, Taken: c.browser})
			require.NoError(t, err)
			require.NoError(t, s.process(p))
			p, err = s.photos.Mine(s.Staff.Ctx(), p.ID)
			require.NoError(t, err)
			require.Equal(t, photos.Ready, p.State)
			if c.want.IsZero() {
				require.Nil(t, p.TakenAt)
				return
			}
			require.NotNil(t, p.TakenAt)
			require.WithinDuration(t, c.want, *p.TakenAt, 0)
		})
	}
	t.Run("and what is made from it was taken then too", func(t *testing.T) {
		p := s.upload(file(here.Format(exif), ""))
		require.NoError(t, s.process(p))
		next, err := s.photos.Retouch(s.Staff.Ctx(), p.ID, media.Retouch{Crop: &media.Box{W: 0.5, H: 1}})
		require.NoError(t, err)
		require.NoError(t, s.process(next))
		next, err = s.photos.Mine(s.Staff.Ctx(), next.ID)
		require.NoError(t, err)
		require.WithinDuration(t, yesterday, *next.TakenAt, 0)
	})
}

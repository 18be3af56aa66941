package photos_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/modules/photos"
)

func TestWhatIsHiddenIsNowhere(t *testing.T) {
	s := newStudio(t)
	mila := s.AddChild("Mila", s.Group)
	s.allow(mila, true)
	how := media.Retouch{Hide: []media.Box{{X: 0.1, Y: 0.1, W: 0.3, H: 0.3}}, Crop: &media.Box{W: 0.5, H: 1}}

	p := s.upload(mediatest.Photo(400, 300, 1))
	_, err := s.photos.Retouch(s.Staff.Ctx(), p.ID, how)
	require.Equal(t, fault.Conflict, fault.CodeOf(err), "it is not ready")
	require.NoError(t, s.process(p))
	_, err = s.photos.Retouch(s.Admin.Ctx(), p.ID, how)
	require.Equal(t, fault.Missing, fault.CodeOf(err), "it is somebody else's")
	for _, none := range []media.Retouch{{}, {Crop: &media.Box{W: 0.01, H: 1}}, {Hide: []media.Box{{X: 2, W: 1, H: 1}}}, {Hide: make([]media.Box, 61)}} {
		_, err = s.photos.Retouch(s.Staff.Ctx(), p.ID, none)
		require.Equal(t, fault.BadRequest, fault.CodeOf(err))
	}

	next, err := s.photos.Retouch(s.Staff.Ctx(), p.ID, how)
	require.NoError(t, err)
	_, err = s.photos.Version(s.Staff.Ctx(), p.ID, "320.webp")
	require.Equal(t, fault.Missing, fault.CodeOf(err), "the one it was is gone at once")
	_, err = s.photos.Retouch(s.Staff.Ctx(), p.ID, how)
	require.Equal(t, fault.Missing, fault.CodeOf(err), "and not made from twice")
	require.NoError(t, s.handle("photos.delete_objects", ids.New(), photos.PhotoRemoved{StorageKey: p.StorageKey}))
	require.NoError(t, s.process(next))
	ready, err := s.photos.Mine(s.Staff.Ctx(), next.ID)
	require.NoError(t, err)
	require.Equal(t, [3]any{photos.Ready, 200, 300}, [3]any{ready.State, ready.Width, ready.Height})
	for _, key := range s.objects() {
		require.NotContains(t, key, p.StorageKey, "no file of it is left")
		require.NotContains(t, key, "original")
	}
	_, err = s.post(next, mila)
	require.NoError(t, err)
	_, err = s.photos.Retouch(s.Staff.Ctx(), next.ID, how)
	require.Equal(t, fault.Missing, fault.CodeOf(err), "what is shared stays as it was shared")
}

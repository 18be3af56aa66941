package news

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ouderportaal/internal/blob"
	"ouderportaal/internal/fault"
	"ouderportaal/internal/ids"
	"ouderportaal/internal/media/mediatest"
	"ouderportaal/tenants"
)

// objects counts what is in storage.
func (p *press) objects() (n int) {
	p.t.Helper()
	require.NoError(p.t, p.s.store.List(p.t.Context(), blob.AreaPrefix(p.Tenant.ID, area), func(blob.Info) error { n++; return nil }))
	return n
}

func TestFilesGoWithTheirArticle(t *testing.T) {
	p := newPress(t)
	p.s.images = mediatest.Start(t, 1)
	id, revision := p.draft(p.Admin, News)
	_, err := p.s.Upload(p.Admin.Ctx(), id, true, "x.pdf", []byte("%PDF-1.7\n%%EOF"))
	require.Equal(t, fault.Invalid, fault.CodeOf(err), "no picture")
	_, err = p.s.Upload(p.Admin.Ctx(), id, false, "x.exe", []byte("MZ"))
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
	_, err = p.s.Upload(p.here.Ctx(), id, false, "x.pdf", []byte("%PDF-1.7\n%%EOF"))
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	full := p.Tenant
	full.StorageLimit = 10
	_, err = p.s.Upload(tenants.With(p.Admin.Ctx(), full), id, false, "x.pdf", []byte("%PDF-1.7\n%%EOF"))
	require.Equal(t, fault.Invalid, fault.CodeOf(err), "no storage left")
	require.Zero(t, p.objects(), "what is refused is not stored")
	pdf, err := p.s.Upload(p.Admin.Ctx(), id, false, `c:\Me<nu>.doc`, []byte("%PDF-1.7\n%%EOF"))
	require.NoError(t, err)
	require.Equal(t, "Menu.pdf", pdf.FileName)
	photo, err := p.s.Upload(p.Admin.Ctx(), id, true, "tuin.jpg", mediatest.Photo(1600, 1200, 1))
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, p.s.develop(p.system(), ids.New(), Uploaded{photo.ID, photo.StorageKey}))
	}

	require.NoError(t, p.e.DB.Read(p.system(), func(ctx context.Context, tx tenants.Reader) error {
		used, err := StorageUsed(ctx, tx)
		require.Equal(t, pdf.Bytes+photo.Bytes, used)
		return err
	}))

	body := `<p>a</p><img src="` + photo.PicturePath() + `"><img src="/nieuws/bestanden/` + ids.New().String() + `/1280.webp">`
	require.NoError(t, p.s.Publish(p.Admin.Ctx(), id, Draft{Title: "Tuin", Body: body, Audience: Audience{Guardians: true, Groups: []ids.ID{p.Group}}, Revision: revision}))
	a, err := p.s.Open(p.here.Ctx(), News, id)
	require.NoError(t, err)
	require.Equal(t, `<p>a</p><figure><img src="`+photo.PicturePath()+`" alt="" width="1280" height="960" loading="lazy"/></figure>`, a.Body)
	require.Len(t, a.Files, 1)
	for _, f := range []*File{pdf, photo} {
		_, err = p.s.Download(p.here.Ctx(), f.ID)
		require.NoError(t, err)
		_, err = p.s.Download(p.there.Ctx(), f.ID)
		require.Equal(t, fault.Missing, fault.CodeOf(err))
	}
	_, err = p.s.Picture(p.here.Ctx(), photo.ID, "640.webp")
	require.NoError(t, err)
	_, err = p.s.Picture(p.here.Ctx(), photo.ID, "original")
	require.Equal(t, fault.Missing, fault.CodeOf(err))

	require.NoError(t, p.s.Discard(p.Admin.Ctx(), id, pdf.ID))
	require.NoError(t, p.s.Withdraw(p.Admin.Ctx(), id))
	_, err = p.s.Picture(p.here.Ctx(), photo.ID, "640.webp")
	require.Equal(t, fault.Missing, fault.CodeOf(err))
	require.NoError(t, p.s.Reconcile(p.system()))

	empty, _ := p.draft(p.Admin, Page)
	p.e.Clock.Advance(keepBack + time.Hour)
	require.NoError(t, p.s.Sweep(p.system()))
	_, err = p.s.Edit(p.Admin.Ctx(), empty)
	require.Equal(t, fault.Missing, fault.CodeOf(err), "nothing was ever written in it")
}

func TestAPictureThatWasTakenOutIsReadByNobodyAndForgotten(t *testing.T) {
	p := newPress(t)
	p.s.images = mediatest.Start(t, 1)
	id, revision := p.draft(p.Admin, News)
	picture := func() *File {
		f, err := p.s.Upload(p.Admin.Ctx(), id, true, "tuin.jpg", mediatest.Photo(160, 120, 1))
		require.NoError(t, err)
		require.NoError(t, p.s.develop(p.system(), ids.New(), Uploaded{f.ID, f.StorageKey}))
		return f
	}
	never, before, now, soon := picture(), picture(), picture(), picture()
	write := func(do func(context.Context, ids.ID, Draft) error, shown *File) {
		t.Helper()
		require.NoError(t, do(p.Admin.Ctx(), id, Draft{Title: "Tuin", Body: `<img src="` + shown.PicturePath() + `">`, Audience: everyone, Revision: revision}))
		revision++
	}
	write(p.s.Publish, before)
	write(p.s.Publish, now)
	write(func(ctx context.Context, id ids.ID, d Draft) error { _, err := p.s.Save(ctx, id, d); return err }, soon)
	for name, f := range map[string]*File{"never": never, "before": before, "now": now, "soon": soon} {
		_, err := p.s.Picture(p.here.Ctx(), f.ID, "640.webp")
		require.Equal(t, name == "now", err == nil, name)
		_, err = p.s.Download(p.here.Ctx(), f.ID)
		require.Equal(t, name == "now", err == nil, name)
		_, err = p.s.Picture(p.Admin.Ctx(), f.ID, "640.webp")
		require.NoError(t, err, "who looks after it sees what was before, and what is to be: %s", name)
	}

	sweep := func() (left []ids.ID) {
		for range 2 {
			require.NoError(t, p.s.Sweep(p.system()))
		}
		require.NoError(t, p.e.DB.Read(p.system(), func(ctx context.Context, tx tenants.Reader) error {
			files, err := selectFiles(ctx, tx, id)
			for _, f := range files {
				left = append(left, f.ID)
			}
			return err
		}))
		return left
	}
	require.Len(t, sweep(), 4, "it may be put back today")
	p.e.Clock.Advance(keepBack + time.Hour)
	require.ElementsMatch(t, []ids.ID{before.ID, now.ID, soon.ID}, sweep())
	var gone int
	require.NoError(t, p.e.Owner(t).QueryRow(t.Context(), "SELECT count(*) FROM event WHERE name = 'news.file_removed' AND payload->>'storage_key' = $1", never.StorageKey).Scan(&gone))
	require.Equal(t, 1, gone, "its objects go too")

	_, err := p.e.Owner(t).Exec(t.Context(), `INSERT INTO article_file (tenant_id, id, article_id, inline, kind, state, storage_key, file_name, content_type, bytes, uploaded_by, created_at)
		SELECT tenant_id, gen_random_uuid(), article_id, true, kind, 'refused', storage_key || n, file_name, content_type, bytes, uploaded_by, created_at FROM article_file, generate_series(1, $2) AS n WHERE id = $1`, now.ID, MaxFiles)
	require.NoError(t, err)
	picture() // those that were refused are not among the most
}

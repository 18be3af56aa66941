package declarations

import (
	"context"

	"ouderportaal/internal/attach"
	"ouderportaal/internal/audit"
	"ouderportaal/internal/blob"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/children"
	"ouderportaal/tenants"
)

// Past is a declaration that was asked elsewhere, with its answers.
type Past struct {
	Declaration
	LocationIDs []ids.ID
	GroupIDs    []ids.ID
	Answers     []Answer
	Files       []Enclosure    // that the answers hold; their objects are in storage
	Told        []children.Tie // who was told of it, about whom, on the day it was published
}

// Recall keeps declarations within tx as they stand, in the words of now. Nobody is told.
func Recall(ctx context.Context, tx tenants.Writer, list []Past) error {
	answers := 0
	for _, p := range list {
		d := p.Declaration
		d.TenantID, d.TextVersion, d.AskedVersion, d.Version = tx.Tenant().ID, 1, 1, 1
		if err := save(ctx, tx, &d, true); err != nil {
			return err
		}
		words := &Wording{TenantID: d.TenantID, DeclarationID: d.ID, TextVersion: 1, Title: d.Title, Body: d.Body, Fields: d.Fields, WrittenAt: d.CreatedAt, WrittenBy: d.CreatedBy}
		if err := saveWords(ctx, tx, words); err != nil {
			return err
		}
		if err := setPlaces(ctx, tx, d.ID, p.LocationIDs, p.GroupIDs); err != nil {
			return err
		}
		if err := insertEnclosures(ctx, tx, p.Files...); err != nil {
			return err
		}
		if len(p.Answers) > 0 {
			if err := insertAnswer(ctx, tx, p.Answers...); err != nil {
				return err
			}
		}
		answers += len(p.Answers)
		if d.PublishedAt == nil {
			continue
		}
		batch := make([]told, len(p.Told))
		for i, t := range p.Told {
			batch[i] = told{TenantID: d.TenantID, DeclarationID: d.ID, PersonID: t.PersonID, ChildID: t.ChildID, ToldOn: tx.Tenant().DateOf(*d.PublishedAt), AskedVersion: 1, Batch: d.ID}
		}
		if err := insertTold(ctx, tx, batch); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, "declarations.recall", ids.Nil, map[string]any{"declarations": len(list), "answers": answers})
}

// KeepFile stores a PDF before its row, and notes in the row where.
func KeepFile(ctx context.Context, store blob.Store, e *Enclosure, document []byte) error {
	e.Kind, e.State, e.StorageKey, e.Bytes = attach.PDF, attach.Ready, blob.NewKeyIn(e.TenantID, area), int64(len(document))
	return (&Service{store: store}).files().Put(ctx, e.StorageKey, false, document, "application/pdf")
}

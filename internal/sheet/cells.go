package sheet

import (
	"encoding/xml"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"ouderportaal/internal/fault"
)

// cell is a cell as it stands in the file.
type cell struct {
	name, kind string
	style      int
	value      string
}

// What a spreadsheet itself can hold; an empty cell counts too.
const (
	mostRows    = 1 << 20
	mostColumns = 1 << 14
)

func isFault(err error) bool {
	_, ok := fault.As(err)
	return ok
}

func (f *workbookFile) readRows(part string) (*Table, error) {
	var b builder
	last, seen := 0, 0
	err := f.each(part, "row", func(d *xml.Decoder, start xml.StartElement) error {
		if seen++; seen > mostRows {
			return errUnpacked
		}
		number, _ := strconv.Atoi(attribute(start, "r"))
		if number <= last { // left out, or out of order
			number = last + 1
		}
		last = number
		cells, err := f.readCells(d)
		if err != nil {
			return err
		}
		return b.add(number, cells)
	})
	if err != nil {
		return nil, err
	}
	return b.done(XLSX)
}

func attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// readCells reads to the end of a row, one cell at a time: a row of a hostile file may have any number.
func (f *workbookFile) readCells(d *xml.Decoder) ([]string, error) {
	var cells []string
	seen := 0
	for next := 0; ; next++ {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		if _, end := token.(xml.EndElement); end {
			return cells, nil
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			next--
			continue
		}
		if start.Name.Local != "c" {
			next--
			if err := d.Skip(); err != nil {
				return nil, err
			}
			continue
		}
		if seen++; seen > mostColumns {
			return nil, errUnpacked
		}
		c, err := readCell(d, start)
		if err != nil {
			return nil, err
		}
		if c.name != "" {
			next = column(c.name)
		}
		value, err := f.textOf(c)
		if err != nil {
			return nil, err
		}
		if value == "" {
			continue
		}
		if next < 0 || next >= MaxColumns {
			return nil, invalid("sheet.error.too_many_columns", "Max", MaxColumns)
		}
		for len(cells) <= next {
			cells = append(cells, "")
		}
		cells[next] = value
	}
}

func readCell(d *xml.Decoder, start xml.StartElement) (cell, error) {
	c := cell{name: attribute(start, "r"), kind: attribute(start, "t")}
	c.style, _ = strconv.Atoi(attribute(start, "s"))
	for {
		token, err := d.Token()
		if err != nil {
			return c, err
		}
		switch token := token.(type) {
		case xml.EndElement:
			return c, nil
		case xml.StartElement:
			switch token.Name.Local {
			case "v":
				err = d.DecodeElement(&c.value, &token)
			case "is":
				c.value, err = readText(d)
			default:
				err = d.Skip()
			}
			if err != nil {
				return c, err
			}
		}
	}
}

// column counts from 0: C12 is in column 2. What is no name of a cell is in none.
func column(name string) int {
	n := 0
	for i := 0; i < len(name) && i < 4; i++ {
		c := name[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			return n - 1
		}
		n = 26*n + int(c-'A') + 1
	}
	return -1
}

// textOf is a cell as it would be typed: dates as 2006-01-02, times as 15:04.
func (f *workbookFile) textOf(c cell) (string, error) {
	switch c.kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(c.value))
		if err != nil || i < 0 || i >= len(f.shared) {
			return "", errors.New("sheet: cell " + strconv.Quote(c.name) + " points at no text")
		}
		return f.shared[i], nil
	case "inlineStr":
		return clean(c.value), nil
	case "b":
		if c.value == "1" {
			return "TRUE", nil
		}
		return "FALSE", nil
	case "d":
		return clean(strings.Replace(strings.TrimSuffix(c.value, "T00:00:00"), "T", " ", 1)), nil
	case "", "n":
		number, err := strconv.ParseFloat(c.value, 64)
		if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
			return clean(c.value), nil
		}
		if f.dates[c.style] {
			return f.moment(number), nil
		}
		return strconv.FormatFloat(number, 'f', -1, 64), nil
	}
	return clean(c.value), nil
}

// lastDay is 31 December 9999, beyond which spreadsheets know no dates.
const lastDay = 2958465

// moment is a number of days since the end of 1899 (or since 1904) as a date, a time or both.
func (f *workbookFile) moment(days float64) string {
	if days < 0 || days > lastDay+1 {
		return strconv.FormatFloat(days, 'f', -1, 64)
	}
	whole := math.Floor(days)
	seconds := int(math.Round((days - whole) * 86400))
	at := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if f.from104 {
		at = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	} else if whole < 61 { // spreadsheets believe that there was a 29 February 1900
		at = at.AddDate(0, 0, 1)
	}
	at = at.AddDate(0, 0, int(whole)).Add(time.Duration(seconds) * time.Second)
	clock := "15:04"
	if at.Second() != 0 {
		clock = "15:04:05"
	}
	switch {
	case whole == 0:
		return at.Format(clock)
	case seconds == 0:
		return at.Format(time.DateOnly)
	}
	return at.Format(time.DateOnly + " " + clock)
}

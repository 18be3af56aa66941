package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// An XLSX file is read here and not by a library. Measured in this program's own start: xuri/excelize makes every start
// 9 ms longer; thedatashed/xlsxreader takes a sheet that was cut off for one that ends there, and a cell that points
// before the first shared string ends the whole process, in a goroutine where nobody can catch it. The tests read what
// excelize writes.

// workbookFile is an opened file with what its sheets refer to.
type workbookFile struct {
	parts   map[string]*zip.File
	left    int64 // bytes that may still be unpacked
	shared  []string
	dates   map[int]bool // styles that show a number as a date or a time
	from104 bool         // days count from 1904, as on old Macs
}

var errUnpacked = errors.New("sheet: unpacks to too much")

func readXLSX(content []byte) (*Table, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, invalid("sheet.error.damaged").Wrap(err)
	}
	f := &workbookFile{parts: map[string]*zip.File{}, left: maxUnpacked, dates: map[int]bool{}}
	for _, part := range archive.File {
		f.parts[strings.TrimPrefix(part.Name, "/")] = part
	}
	table, err := f.read()
	switch {
	case errors.Is(err, errUnpacked):
		return nil, invalid("sheet.error.unpacked").Wrap(err)
	case err != nil && !isFault(err):
		return nil, invalid("sheet.error.damaged").Wrap(err)
	}
	return table, err
}

func (f *workbookFile) read() (*Table, error) {
	book, sheets, err := f.relations("", "officeDocument")
	if err != nil {
		return nil, err
	}
	if len(sheets) > 0 {
		book = sheets[0]
	}
	if f.parts[book] == nil {
		return nil, invalid("sheet.error.not_a_table") // a zip file with something else in it, such as a text document
	}
	first, err := f.firstSheet(book)
	if err != nil {
		return nil, err
	}
	if err := f.readShared(book); err != nil {
		return nil, err
	}
	if err := f.readStyles(book); err != nil {
		return nil, err
	}
	return f.readRows(first)
}

// limited counts what is unpacked.
type limited struct {
	io.ReadCloser
	file *workbookFile
}

func (l limited) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	if l.file.left -= int64(n); l.file.left < 0 {
		return 0, errUnpacked
	}
	return n, err
}

func (f *workbookFile) open(name string) (io.ReadCloser, error) {
	part := f.parts[name]
	if part == nil {
		return nil, errors.New("sheet: no part " + strconv.Quote(name))
	}
	r, err := part.Open()
	if err != nil {
		return nil, err
	}
	return limited{r, f}, nil
}

// decode reads a small part as a whole.
func (f *workbookFile) decode(name string, value any) error {
	r, err := f.open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, maxSmall+1))
	if err != nil {
		return err
	}
	if len(content) > maxSmall {
		return errUnpacked
	}
	return xml.Unmarshal(content, value)
}

// relations gives the parts that a part points at by a kind, after the default for the main part.
func (f *workbookFile) relations(of, kind string) (main string, targets []string, err error) {
	name := path.Join(path.Dir(of), "_rels", path.Base(of)+".rels")
	if of == "" {
		name = "_rels/.rels"
	}
	if f.parts[name] == nil {
		return "xl/workbook.xml", nil, nil
	}
	byID, err := f.relationsByID(of, name, kind)
	for _, target := range byID {
		targets = append(targets, target)
	}
	return "xl/workbook.xml", targets, err
}

func (f *workbookFile) relationsByID(of, name, kind string) (map[string]string, error) {
	var rels struct {
		List []struct {
			ID     string `xml:"Id,attr"`
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := f.decode(name, &rels); err != nil {
		return nil, err
	}
	byID := map[string]string{}
	for _, rel := range rels.List {
		if path.Base(rel.Type) != kind {
			continue
		}
		target := strings.TrimPrefix(rel.Target, "/")
		if target == rel.Target && of != "" {
			target = path.Join(path.Dir(of), target)
		}
		byID[rel.ID] = target
	}
	return byID, nil
}

// firstSheet is the first that is not hidden.
func (f *workbookFile) firstSheet(book string) (string, error) {
	var content struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			ID    string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
			State string `xml:"state,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := f.decode(book, &content); err != nil {
		return "", err
	}
	f.from104 = content.Properties.Date1904 == "1" || content.Properties.Date1904 == "true"
	byID, err := f.relationsByID(book, path.Join(path.Dir(book), "_rels", path.Base(book)+".rels"), "worksheet")
	if err != nil {
		return "", err
	}
	for _, sheet := range content.Sheets {
		if target := byID[sheet.ID]; target != "" && sheet.State != "hidden" && sheet.State != "veryHidden" {
			return target, nil
		}
	}
	return "", errors.New("sheet: no sheet in sight")
}

// readText gives the text within the element that was just begun, with or without parts in other letters, up to what a
// cell may hold and a little more. What is in rPh is how to pronounce it.
func readText(d *xml.Decoder) (string, error) {
	var b strings.Builder
	within, spoken := 0, 0
	for depth := 1; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			if token.Name.Local == "rPh" {
				spoken = depth
			}
			if token.Name.Local == "t" && spoken == 0 {
				within = depth
			}
		case xml.EndElement:
			if depth == within {
				within = 0
			}
			if depth == spoken {
				spoken = 0
			}
			depth--
		case xml.CharData:
			if within > 0 && b.Len() <= 4*MaxCell {
				b.Write(token[:min(len(token), 4*MaxCell+4)])
			}
		}
	}
	return strings.ToValidUTF8(b.String(), ""), nil
}

func (f *workbookFile) readShared(book string) error {
	_, names, err := f.relations(book, "sharedStrings")
	if err != nil || len(names) == 0 {
		return err
	}
	return f.each(names[0], "si", func(d *xml.Decoder, _ xml.StartElement) error {
		if len(f.shared) == maxShared {
			return errUnpacked
		}
		text, err := readText(d)
		f.shared = append(f.shared, clean(text))
		return err
	})
}

// each calls do for every element with the name, at whatever depth. A part that ends early is an error.
func (f *workbookFile) each(part, element string, do func(*xml.Decoder, xml.StartElement) error) error {
	r, err := f.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	d := xml.NewDecoder(r)
	for {
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == element {
			if err := do(d, start); err != nil {
				return err
			}
		}
	}
}

// readStyles finds the styles that make a date of a number.
func (f *workbookFile) readStyles(book string) error {
	_, names, err := f.relations(book, "styles")
	if err != nil || len(names) == 0 {
		return err
	}
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := f.decode(names[0], &styles); err != nil {
		return err
	}
	dates := map[int]bool{}
	for id := range 100 { // built in: dates, times, and those of languages
		dates[id] = id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
	}
	for _, format := range styles.Formats {
		dates[format.ID] = showsDate(format.Code)
	}
	for i, cell := range styles.Cells {
		f.dates[i] = dates[cell.Format]
	}
	return nil
}

// showsDate looks for the letters of dates and times outside quotes, brackets and escapes.
func showsDate(code string) bool {
	quoted, bracketed, escaped := false, false, false
	for _, r := range strings.ToLower(code) {
		switch {
		case escaped:
			escaped = false
		case r == '\\' || r == '_' || r == '*':
			escaped = true
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '[':
			bracketed = true
		case r == ']':
			bracketed = false
		case !bracketed && strings.ContainsRune("dmyhs", r):
			return true
		}
	}
	return false
}

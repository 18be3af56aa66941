package photos

import "time"

// oldest is how many years before its upload a photo can have been taken: no child in care is as old. A camera that lost its
// clock often says 1980.
const oldest = 20

// exifTime is how Exif writes a moment; the offset of the clock may stand behind it.
const exifTime = "2006:01:02 15:04:05"

// takenAt reads when a photo was taken, as Exif writes it, with the offset behind it where the camera knew. Where not, its clock
// was that of the organisation. It is nil when nothing is said, or what cannot be: a photo is not refused for that.
func takenAt(said string, zone *time.Location, uploaded time.Time) *time.Time {
	at, err := time.Parse(exifTime+"Z07:00", said)
	if err != nil {
		at, err = time.ParseInLocation(exifTime, said[:min(len(said), len(exifTime))], zone)
	}
	if err != nil || at.After(uploaded) || at.Before(uploaded.AddDate(-oldest, 0, 0)) {
		return nil
	}
	return &at
}

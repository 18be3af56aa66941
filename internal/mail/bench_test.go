package mail_test

import (
	"context"
	"testing"

	"ouderportaal/internal/mail"
	"ouderportaal/internal/mailcatcher"
)

// BenchmarkSend is what one mail costs over a kept connection, the catching server's work included.
func BenchmarkSend(b *testing.B) {
	catcher, err := mailcatcher.Start(mailcatcher.Config{Keep: 10})
	if err != nil {
		b.Fatal(err)
	}
	defer catcher.Close()
	smtp, err := mail.NewSMTP(mail.Config{URL: catcher.URL(), From: mail.Address{Name: "Ouderportaal", Addr: "noreply@ouderportaal.example"}})
	if err != nil {
		b.Fatal(err)
	}
	defer smtp.Close()
	html, text, err := sample().Render(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	batch := messages(50)
	for i := range batch {
		batch[i].HTML, batch[i].Text = html, text
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range smtp.Send(context.Background(), batch) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(batch)), "µs/mail")
}

func sample() mail.Content {
	return mail.Content{Language: "nl", Organisation: "Kinderopvang Bathmen", Title: "Er staan 9 nieuwe foto’s van Mila klaar",
		Paragraphs: []string{"Sanne schreef bij groep Kikkers: “Herfsttafel en verfhandjes”."}, ButtonText: "Foto’s bekijken", ButtonURL: "https://bathmen.example/dagboek/1",
		Address: "Dorpsstraat 1, Bathmen", Reason: "Je krijgt deze mail omdat je een account hebt."}
}

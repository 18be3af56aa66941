package pushcatcher

import (
	"encoding/json"
	"net/http"
)

// Handler lets journeys make up browsers (POST /push/browsers) and read what they got (GET /push/browsers/{id}), as JSON.
func (c *Catcher) Handler() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("POST /push/browsers", func(w http.ResponseWriter, _ *http.Request) { answer(w, c.NewBrowser()) })
	routes.HandleFunc("GET /push/browsers/{id}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, append([]Message{}, c.Messages(r.PathValue("id"))...))
	})
	return routes
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

package web

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	requests *prometheus.HistogramVec
	panics   prometheus.Counter
	streams  prometheus.Gauge
}

func newMetrics(to prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time until an answer was ready, by route pattern.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60},
		}, []string{"method", "route", "status"}),
		panics:  prometheus.NewCounter(prometheus.CounterOpts{Name: "http_panics_total", Help: "Panics that became a 500."}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "http_live_streams", Help: "Open live streams."}),
	}
	to.MustRegister(m.requests, m.panics, m.streams)
	return m
}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
}

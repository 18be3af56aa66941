package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what relays and workers of this process do. A nil *Metrics counts nothing.
type Metrics struct {
	tickets    *prometheus.CounterVec
	jobs       *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
	deliveries *prometheus.CounterVec
	batches    *prometheus.HistogramVec
}

var buckets = []float64{.005, .02, .1, .5, 2, 10, 60}

// NewMetrics registers them.
func NewMetrics(to prometheus.Registerer) *Metrics {
	m := &Metrics{
		tickets:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "jobs_dispatched_total", Help: "Rows handed to Redis."}, []string{"table"}),
		jobs:       prometheus.NewCounterVec(prometheus.CounterOpts{Name: "jobs_finished_total", Help: "Tries of handlers by what became of the row."}, []string{"handler", "state"}),
		seconds:    prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "jobs_seconds", Help: "Time in handlers.", Buckets: buckets}, []string{"handler"}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "jobs_deliveries_total", Help: "Tries to deliver by fate."}, []string{"channel", "fate"}),
		batches:    prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "jobs_delivery_batch_seconds", Help: "Time per ticket of deliveries.", Buckets: buckets}, []string{"channel"}),
	}
	to.MustRegister(m.tickets, m.jobs, m.seconds, m.deliveries, m.batches)
	return m
}

func (m *Metrics) dispatched(table string, rows int) {
	if m != nil {
		m.tickets.WithLabelValues(table).Add(float64(rows))
	}
}

func (m *Metrics) ran(handler, state string, took time.Duration) {
	if m != nil {
		m.jobs.WithLabelValues(handler, state).Inc()
		m.seconds.WithLabelValues(handler).Observe(took.Seconds())
	}
}

func (m *Metrics) delivered(channel, fate string) {
	if m != nil {
		m.deliveries.WithLabelValues(channel, fate).Inc()
	}
}

func (m *Metrics) sent(channel string, took time.Duration) {
	if m != nil {
		m.batches.WithLabelValues(channel).Observe(took.Seconds())
	}
}

// NewCollector looks into the ledger at each scrape: what waits, for how long the oldest has been due, what is dead. Let
// one kind of process register it; they all see the same rows.
func NewCollector(l *Ledger) prometheus.Collector {
	return &collector{
		ledger:  l,
		rows:    prometheus.NewDesc("jobs_rows", "Rows of the ledger that are not finished well.", []string{"table", "queue", "state"}, nil),
		oldest:  prometheus.NewDesc("jobs_oldest_due_seconds", "How long the oldest due row of an active organisation has waited.", []string{"table", "queue"}, nil),
		newest:  prometheus.NewDesc("jobs_events_to_expand", "Events that no relay has seen.", nil, nil),
		working: prometheus.NewDesc("jobs_ledger_up", "1 when the ledger could be read.", nil, nil),
	}
}

type collector struct {
	ledger                        *Ledger
	rows, oldest, newest, working *prometheus.Desc
}

func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.rows, c.oldest, c.newest, c.working} {
		to <- d
	}
}

func (c *collector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	up := 1.0
	if err := c.read(ctx, to); err != nil {
		slog.Warn("jobs: metrics", "error", err)
		up = 0
	}
	to <- prometheus.MustNewConstMetric(c.working, prometheus.GaugeValue, up)
}

func (c *collector) read(ctx context.Context, to chan<- prometheus.Metric) error {
	now := c.ledger.clock.Now()
	for _, table := range []string{"job", "delivery"} {
		// Two selects: each finds its rows by the index of its state.
		rows, err := c.ledger.pool.Query(ctx, `SELECT d.queue, 'waiting', count(*), min(d.due_at) FILTER (WHERE t.status = 'active')
			FROM `+table+` d JOIN tenant t ON t.id = d.tenant_id WHERE d.state = 'waiting' GROUP BY d.queue
			UNION ALL SELECT queue, 'dead', count(*), NULL FROM `+table+` WHERE state = 'dead' GROUP BY queue`)
		if err != nil {
			return err
		}
		var queue, state string
		var count int64
		var due *time.Time
		_, err = pgx.ForEachRow(rows, []any{&queue, &state, &count, &due}, func() error {
			to <- prometheus.MustNewConstMetric(c.rows, prometheus.GaugeValue, float64(count), table, queue, state)
			if due != nil {
				to <- prometheus.MustNewConstMetric(c.oldest, prometheus.GaugeValue, max(0, now.Sub(*due).Seconds()), table, queue)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	var fresh int64
	if err := c.ledger.pool.QueryRow(ctx, "SELECT count(*) FROM event WHERE expanded_at IS NULL").Scan(&fresh); err != nil {
		return err
	}
	to <- prometheus.MustNewConstMetric(c.newest, prometheus.GaugeValue, float64(fresh))
	return nil
}

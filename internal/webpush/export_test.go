package webpush

import "context"

// SendAnywhere sends without a look at the name of the host.
func (s *Sender) SendAnywhere(ctx context.Context, to Subscription, m Message) error {
	return s.send(ctx, s.keys[0], to, m)
}

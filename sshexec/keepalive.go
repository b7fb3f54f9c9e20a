package sshexec

import (
	"fmt"
	"time"
)

// maxMissed is how many times in a row a host may owe a sign of life.
const maxMissed = 3

// keepAlive asks the host for a sign of life again and again, and closes the connection where
// none comes: what was sent to a host that vanished stays unanswered for a quarter of an hour
// in TCP's own time.
func (c *connection) keepAlive(interval time.Duration) {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	answers := make(chan struct{}, 1)
	missed, asked := 0, false
	for {
		select {
		case <-c.done:
			return
		case <-answers:
			missed, asked = 0, false
		case <-ticks.C:
			if asked {
				missed++
			}
			if missed == maxMissed {
				c.close(fmt.Errorf("the host gave no sign of life for %v", interval*maxMissed))
				return
			}
			if !asked {
				asked = true
				go func() { // on a dead connection it blocks until that is closed
					if _, _, err := c.client.SendRequest("keepalive@openssh.com", true, nil); err == nil {
						answers <- struct{}{}
					}
				}()
			}
		}
	}
}

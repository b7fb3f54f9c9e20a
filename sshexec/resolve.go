package sshexec

import "context"

// resolve makes of the configuration what a dial needs: aliases resolved, keys read.
func (c *Client) resolve(ctx context.Context) (*target, error) {
	cfg := c.cfg
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.SSHConfig {
		ctx, cancel := context.WithTimeoutCause(ctx, cfg.timeout(), errTimeout(&cfg))
		defer cancel()
		var err error
		if cfg, err = withSSHConfig(ctx, cfg); err != nil {
			return nil, err
		}
	}
	ring, err := loadKeys(&cfg)
	if err != nil {
		return nil, err
	}
	t := &target{cfg: &cfg, ring: ring, address: cfg.endpoint(), dial: dialTCP}
	if cfg.Bastion != nil {
		bastion := c.bastionFor(*cfg.Bastion)
		t.via, t.dial = bastion.Name(), bastion.through
	}
	return t, nil
}

// bastionFor returns the client of the bastion: the Pool's, or one of our own.
func (c *Client) bastionFor(cfg Config) *Client {
	if c.cfg.Pool != nil {
		return c.cfg.Pool.bastion(cfg)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bastion == nil {
		c.bastion = New(cfg)
	}
	return c.bastion
}

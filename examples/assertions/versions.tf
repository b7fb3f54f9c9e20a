terraform {
  required_version = ">= 1.8" # functions of providers; OpenTofu has them from 1.7

  required_providers {
    iptables = {
      source = "vpsfirewall/iptables"
    }
  }
}

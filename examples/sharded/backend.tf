# One database, and in it a schema for each shard, with a lock of its own:
#
#   tofu init -backend-config="conn_str=postgres://ci@db.example.com/firewall" -backend-config="schema_name=shard0"
terraform {
  backend "pg" {}
}

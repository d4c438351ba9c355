CREATE TABLE IF NOT EXISTS products (
    sku         text PRIMARY KEY,
    name        text NOT NULL,
    price_cents bigint NOT NULL CHECK (price_cents > 0),
    stock       integer NOT NULL CHECK (stock >= 0)
);

CREATE TABLE IF NOT EXISTS carts (
    customer    text PRIMARY KEY,
    items       jsonb NOT NULL
);

CREATE TABLE IF NOT EXISTS orders (
    id          uuid PRIMARY KEY,
    customer    text NOT NULL,
    total_cents bigint NOT NULL CHECK (total_cents > 0),
    status      text NOT NULL CHECK (status IN ('placed', 'paid', 'payment pending')),
    submit_key  text UNIQUE,
    placed_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS order_lines (
    order_id    uuid NOT NULL REFERENCES orders ON DELETE CASCADE,
    sku         text NOT NULL REFERENCES products,
    quantity    integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, sku)
);

CREATE INDEX IF NOT EXISTS orders_pending ON orders (placed_at) WHERE status = 'payment pending';

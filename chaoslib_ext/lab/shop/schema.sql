CREATE TABLE IF NOT EXISTS products (
    sku         text PRIMARY KEY,
    name        text NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents > 0)
);

CREATE TABLE IF NOT EXISTS orders (
    id          uuid PRIMARY KEY,
    customer    text NOT NULL,
    total_cents integer NOT NULL CHECK (total_cents > 0),
    status      text NOT NULL CHECK (status IN ('placed', 'paid', 'payment pending')),
    placed_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS order_lines (
    order_id    uuid NOT NULL REFERENCES orders ON DELETE CASCADE,
    sku         text NOT NULL REFERENCES products,
    quantity    integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, sku)
);

CREATE INDEX IF NOT EXISTS orders_pending ON orders (placed_at) WHERE status = 'payment pending';

INSERT INTO products (sku, name, price_cents) VALUES
    ('kettle', 'Kettle, 1.7 l', 3490),
    ('teapot', 'Teapot, stoneware', 2850),
    ('cup', 'Cup, 250 ml', 990),
    ('sencha', 'Sencha, 100 g', 1290),
    ('assam', 'Assam, 250 g', 1150),
    ('honey', 'Lime honey, 500 g', 890)
ON CONFLICT (sku) DO NOTHING;

// A third-party client (ccxt 4.5) against the loopback exchange. How to run it: README.md beside this file.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(`${process.cwd()}/`);
const ccxt = require('ccxt');
const venue = JSON.parse(readFileSync(process.argv[2], 'utf8').split('\n')[0]);
const { rest, ws, ws_api } = venue.binance;
const account = venue.accounts[1] ?? venue.accounts[0]; // flat at the start

const exchange = new ccxt.pro.binanceusdm({
    apiKey: account.api_key,
    secret: account.api_secret,
    options: { fetchCurrencies: false, fetchMargins: false, warnOnFetchOpenOrdersWithoutSymbol: false },
});
for (const name of ['fapiPublic', 'fapiPrivate']) exchange.urls.api[name] = `${rest}/fapi/v1`;
for (const v of ['V2', 'V3'])
    for (const name of ['fapiPublic', 'fapiPrivate']) exchange.urls.api[name + v] = `${rest}/fapi/${v.toLowerCase()}`;
exchange.urls.api.sapi = `${rest}/sapi/v1`;
exchange.urls.api.ws.future = `${ws}/ws`; // ccxt puts the route in front of /ws itself
exchange.urls.api.ws['ws-api'].future = ws_api;

let failures = 0;
async function step(name, run) {
    try {
        console.log('ok  ', name, (await run()) ?? '');
    } catch (error) {
        failures += 1;
        console.log('FAIL', name, String(error.message ?? error).slice(0, 300));
    }
}

const symbol = 'BTC/USDT:USDT';
let price = 0;
let order;
await exchange.loadHttpProxyAgent(); // plain ws:// needs its agent
await step('load markets', async () => Object.keys(await exchange.loadMarkets()).length);
await step('ticker', async () => { price = (await exchange.fetchTicker(symbol)).last; return price; });
await step('tickers', async () => Object.keys(await exchange.fetchTickers()).length);
await step('order book', async () => (await exchange.fetchOrderBook(symbol, 20)).bids.length);
await step('trades', async () => (await exchange.fetchTrades(symbol)).length);
await step('candles', async () => (await exchange.fetchOHLCV(symbol, '1m')).length);
await step('funding rate', async () => (await exchange.fetchFundingRate(symbol)).fundingRate);
await step('balance', async () => (await exchange.fetchBalance()).USDT.total);
await step('positions', async () => (await exchange.fetchPositions()).length);
await step('leverage', async () => (await exchange.setLeverage(10, symbol)).leverage);
await step('leverage tiers', async () => (await exchange.fetchLeverageTiers())[symbol].length);
await step('limit order', async () => {
    order = await exchange.createOrder(symbol, 'limit', 'buy', 0.01, Number(exchange.priceToPrecision(symbol, price * 0.98)));
    return order.status;
});
await step('query it', async () => (await exchange.fetchOrder(order.id, symbol)).status);
await step('open orders', async () => (await exchange.fetchOpenOrders(symbol)).length);
await step('edit it', async () => (await exchange.editOrder(order.id, symbol, 'limit', 'buy', 0.02, Number(exchange.priceToPrecision(symbol, price * 0.999)))).amount);
await step('see it in the watched book', async () => {
    const own = Number(exchange.priceToPrecision(symbol, price * 0.999));
    for (let i = 0; i < 100; ++i) {
        const book = await exchange.watchOrderBook(symbol);
        const level = book.bids.find(([at]) => at === own);
        if (level) return level;
    }
    throw new Error(`no level at ${own}`);
});
await step('cancel it', async () => (await exchange.cancelOrder(order.id, symbol)).status);
await step('market order', async () => (await exchange.createOrder(symbol, 'market', 'buy', 0.01)).id.length);
await step('position', async () => (await exchange.fetchPositions([symbol]))[0].contracts);
await step('stop order', async () => {
    order = await exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined,
        { stopLossPrice: Number(exchange.priceToPrecision(symbol, price * 0.95)), reduceOnly: true });
    return order.id;
});
await step('query the stop', async () => (await exchange.fetchOrder(order.id, symbol, { trigger: true })).status);
await step('open stops', async () => (await exchange.fetchOpenOrders(symbol, undefined, undefined, { trigger: true })).length);
await step('cancel the stop', async () => (await exchange.cancelOrder(order.id, symbol, { trigger: true })).id);
await step('trailing stop', async () => {
    order = await exchange.createTrailingPercentOrder(symbol, 'market', 'sell', 0.01, undefined, 1, undefined, { reduceOnly: true });
    return order.id;
});
await step('cancel all stops', async () => { await exchange.cancelAllOrders(symbol, { trigger: true }); });
await step('batch', async () => (await exchange.createOrders([0.95, 0.94].map((share) => ({
    symbol, type: 'limit', side: 'buy', amount: 0.01, price: Number(exchange.priceToPrecision(symbol, price * share)) })))).length);
await step('cancel all', async () => { await exchange.cancelAllOrders(symbol); });
await step('close', async () => (await exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, { reduceOnly: true })).id.length);
await step('my trades', async () => (await exchange.fetchMyTrades(symbol)).length);
await step('ledger', async () => (await exchange.fetchLedger('USDT')).length);
await step('watch trades', async () => (await exchange.watchTrades(symbol)).length);
await step('watch ticker', async () => (await exchange.watchTicker(symbol)).last);
await step('watch candles', async () => (await exchange.watchOHLCV(symbol, '1m')).length);
await step('watch own orders', async () => {
    const watched = exchange.watchOrders(symbol);
    await exchange.sleep(1500);
    const placed = await exchange.createOrder(symbol, 'limit', 'buy', 0.01, Number(exchange.priceToPrecision(symbol, price * 0.97)));
    const seen = (await watched)[0].id;
    await exchange.cancelOrder(placed.id, symbol);
    if (seen !== placed.id) throw new Error(`saw ${seen}`);
    return seen.length;
});
await exchange.close();
console.log(failures === 0 ? 'all fine' : `${failures} failed`);
process.exit(failures === 0 ? 0 : 1);

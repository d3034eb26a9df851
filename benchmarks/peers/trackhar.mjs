// Runs TrackHAR 1.0.0 on a HAR; prints rows as the scorer reads them. The canaries are its indicators.
import { readFile } from 'node:fs/promises';
import { process as processHar } from 'trackhar';

const [har, canaries] = process.argv.slice(2);
const planted = JSON.parse(await readFile(canaries, 'utf-8')).canaries;
const indicatorValues = Object.fromEntries(planted.map(({ id, value }) => [id, value]));
const byValue = new Map(planted.map(({ id, value }) => [value.toLowerCase(), id]));

const results = await processHar(JSON.parse(await readFile(har, 'utf-8')), { indicatorValues });
results.forEach((found, entry) => {
    for (const { adapter, property, value } of found ?? []) {
        const canary = adapter === 'indicators' ? property : byValue.get(String(value).toLowerCase());
        if (canary) console.log(JSON.stringify({ entry, canary }));
    }
});

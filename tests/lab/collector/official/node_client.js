// Everything the official Node SDK can send; prints what it held, one event a line.
'use strict';

const [, , url, mode, gzip, count] = process.argv;
const SensorsAnalytics = require('sa-sdk-node');
const sdk = new SensorsAnalytics();
const held = [];
let answered = 0;
const finish = () => {
  process.stdout.write(held.map((event) => JSON.stringify(event) + '\n').join(''), () => process.exit(0));
};
sdk.subscribe((event) => held.push(event));
const submitter = sdk.submitTo({ url, mode, gzip: gzip === 'gzip' }, count ? { count: Number(count) } : {});
submitter.subscribe(
  () => {
    answered += count ? Number(count) : 1;
    if (answered >= held.length) finish();
  },
  (error) => {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  },
);

sdk.registerSuperProperties({ platform: 'lab' });
sdk.track('anonymous-1', 'page_view', { text: 'söng\n\u0007', n: 7, real: 2.5, yes: true, many: ['a', 'b'] });
sdk.track('anonymous-1', 'dated', { day: new Date(1588593600000) });
sdk.trackSignup('account-1', 'anonymous-1', { how: 'form' });
sdk.profileSet('account-1', { city: 'Köln' });
sdk.profileSetOnce('account-1', { first: 'x' });
sdk.profileIncrement('account-1', { visits: 3 });
sdk.profileAppend('account-1', { songs: ['one', 'two'] });
sdk.profileUnset('account-1', ['city']);
sdk.itemSet('song', 's1', { title: 't' });
sdk.itemDelete('song', 's1');

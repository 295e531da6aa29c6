// How many bytes a page is, with everything that it loads.

/** Counts the bytes on the wire, without a cache, from each navigation on. */
export async function weigh(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  let bytes = 0;
  session.on('Network.requestWillBeSent', ({ type }) => {
    if (type === 'Document') bytes = 0;
  });
  session.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
  return { bytes: () => bytes };
}

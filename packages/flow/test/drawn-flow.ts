/** A flow that has everything a picture shows: a scope, items, a catch and a condition. */
export const drawnFlow: string = `
flow: t/chart
version: "1.0.0"
steps:
  scan: { uses: book/scan, with: { folder: x } }
  books:
    each: { in: "\${ scan.books }", as: book, key: "\${ book.id }" }
    steps:
      toc: { uses: book/toc, with: { path: "\${ book.path }" }, limit: { concurrent: 2 }, catch: [{ errors: [io], value: null }] }
  end:
    if: \${ books.failed.size() > 0 }
    value: \${ books.failed.size() }
`;

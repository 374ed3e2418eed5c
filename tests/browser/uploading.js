// How a team's own page uploads with Uppy through the backend's routes. Evaluated in the page of a test.

({ backend, token, partSize }) => {
  const file = document.querySelector("#file").files[0];
  const call = async (path, body, method = "POST") => {
    const query = method === "GET" ? `?${new URLSearchParams(body)}` : "";
    const response = await fetch(backend + path + query, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(method === "POST" && { "Content-Type": "application/json" }) },
      body: method === "POST" ? JSON.stringify(body) : undefined,
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? null : response.json();
  };
  const uppy = new packages.Uppy({ autoProceed: false });
  const progress = [];
  uppy.use(packages.AwsS3, {
    shouldUseMultipart: true,
    getChunkSize: () => partSize,
    createMultipartUpload: async ({ name, type, size }) => {
      const { uploadId, key } = await call("/s3/init-upload", { fileName: name, contentType: type, fileSize: size });
      return { uploadId, key };
    },
    signPart: async (_file, { uploadId, key, partNumber }) => {
      const { presignedUrl, headers } = await call("/s3/presign-url", { uploadId, key, partNumber });
      return { url: presignedUrl, headers };
    },
    listParts: async (_file, { uploadId, key }) => (await call("/s3/parts", { uploadId, key }, "GET")).parts,
    completeMultipartUpload: async (_file, { uploadId, key, parts }) => {
      const { fileUrl } = await call("/s3/complete-upload", { uploadId, key, parts });
      return { location: fileUrl };
    },
    abortMultipartUpload: (_file, { uploadId, key }) => call("/s3/abort-upload", { uploadId, key }),
  });
  uppy.on("upload-progress", (_file, { bytesUploaded }) => progress.push(bytesUploaded));
  uppy.addFile({ name: file.name, type: file.type, data: file });
  return uppy.upload().then(({ successful, failed }) => ({
    uploaded: successful.map((each) => each.uploadURL),
    failed: failed.map((each) => each.error),
    progress,
  }));
};
